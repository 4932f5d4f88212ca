"""ENEM from its zips to gold, which has what polars counts in the CSVs, with the meanings that openpyxl reads."""

from __future__ import annotations

import datetime as dt
import io
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import openpyxl
import polars as pl
import pytest

from anthill import catalog
from anthill.bronze import manifest
from anthill.bronze.editions import Editions
from anthill.intervals import market_day
from anthill.lakehouse import gold, quality, silver
from anthill.landing.commit import Committer
from anthill.landing.land_edition import land_edition
from anthill.sources.files.remote import Remote
from anthill.sources.files.source import FilesSource
from local.enem import archive
from local.enem.server import Server
from tests.plugins.anthill.lakehouse import shown
from tests.plugins.anthill.lakehouse.lake import Lake

ENEM = catalog.load("enem")
IN_2019, IN_2024 = dt.date(2019, 12, 31), dt.date(2024, 12, 31)
AREAS = {"sciences": "CN", "humanities": "CH", "languages": "LC", "mathematics": "MT"}
SCORES = {f"NU_NOTA_{short}": area for area, short in AREAS.items()} | {"NU_NOTA_REDACAO": "essay"}
KEY = ["state", "school_kind", "sex", "area"]


class Scene:
    """A publisher, bronze in a folder, and the lake that stands on it."""

    def __init__(self, server: Server, s3: Any, bucket: str, lake: Lake) -> None:
        self.server, self.s3, self.bucket, self.lake = server, s3, bucket, lake

    def zip(self, day: dt.date) -> Path:
        """Where the zip of a year lies."""
        return self.server.folder / f"microdados_enem_{day.year}.zip"

    def land(self, day: dt.date) -> None:
        """Land the edition, by the product's own way."""
        datasets = {name: each for name, each in ENEM.datasets.items() if day in each.published}
        committer, editions = Committer(self.s3, self.bucket, "run"), Editions(self.s3, self.bucket, ENEM)
        source = FilesSource(Remote(self.server.url), "enem_default")
        land_edition(source, lambda _: committer, editions, datasets, market_day("24/7", day), "run")

    def load(self, day: dt.date) -> dict[str, Any]:
        """Silver of the newest edition, as the job does it: bronze lies in a folder, bucket beside bucket."""
        edition = Editions(self.s3, self.bucket, ENEM).newest(str(day))
        assert edition
        found = [(name, day, table.commit) for name, table in edition.tables.items()]
        headers = {table.commit.key: table.columns for table in edition.tables.values()}
        key = manifest.write(self.s3, self.bucket, ENEM, found, headers).removeprefix(f"s3://{self.bucket}/")
        root = self.lake.root / "buckets"
        for each in self.s3.list_objects_v2(Bucket=self.bucket)["Contents"]:
            file = root / self.bucket / each["Key"]
            file.parent.mkdir(parents=True, exist_ok=True)
            self.s3.download_file(self.bucket, each["Key"], str(file))
        listed = root / self.bucket / key
        listed.write_text(listed.read_text().replace("s3://", f"file://{root}/"))
        done: dict[str, Any] = silver.run(self.lake.spark, manifest=f"file://{listed}", **self._about(day))["datasets"]
        return done

    def publish(self, day: dt.date) -> dict[str, Any]:
        """Quality and gold; what quality warned of."""
        checked = quality.run(self.lake.spark, **self._about(day))
        gold.run(self.lake.spark, **self._about(day))
        return checked

    def scores(self, day: dt.date) -> pl.DataFrame:
        """Gold's rows of an edition."""
        return self.lake.table("gold.enem_scores").filter(pl.col("market_date") == day).sort(KEY)

    def _about(self, day: dt.date) -> dict[str, str]:
        return {
            "catalog": "dev",
            "asset_class": "enem",
            "market_date_from": str(day),
            "market_date_to": str(day),
        }


@pytest.fixture
def scene(tmp_path: Path, s3: Any, bucket: str, sail: str) -> Iterator[Scene]:
    """One of its own."""
    lake = Lake(sail, tmp_path / "lake", asset_class="enem")
    (tmp_path / "zips").mkdir()
    with Server(tmp_path / "zips") as server:
        yield Scene(server, s3, bucket, lake)
    lake.close()


def csv(path: Path, name: str) -> pl.DataFrame:
    """A table of a zip, by polars."""
    with zipfile.ZipFile(path) as zipped:
        (member,) = [each for each in zipped.namelist() if each.endswith(name)]
        return pl.read_csv(zipped.read(member), separator=";", encoding="iso-8859-1", infer_schema=False)


def meanings(path: Path, variable: str) -> dict[str, str]:
    """What the codes of a column mean, by openpyxl."""
    with zipfile.ZipFile(path) as zipped:
        (member,) = [each for each in zipped.namelist() if each.endswith(".xlsx")]
        rows = openpyxl.load_workbook(io.BytesIO(zipped.read(member))).active.iter_rows(min_row=3, values_only=True)
    found, current = {}, ""
    for name, _, code, meaning in rows:
        current = name or current
        if current == variable:
            found[str(code)] = meaning
    return found


def expected(frame: pl.DataFrame, path: Path, school: str, sex: str | None) -> pl.DataFrame:
    """Scores by state, kind of school, sex and area."""
    named = frame.with_columns(
        pl.col("SG_UF_PROVA").alias("state"),
        pl.col(school).str.strip_suffix(".0").replace_strict(meanings(path, school), default=None).fill_null("unknown")
        .alias("school_kind"),
        pl.col(sex).replace_strict(meanings(path, sex)).alias("sex") if sex else pl.lit("unknown").alias("sex"),
    )  # fmt: skip
    areas = named.unpivot(list(SCORES), index=["state", "school_kind", "sex"], variable_name="area", value_name="score")
    areas = areas.with_columns(pl.col("area").replace_strict(SCORES), pl.col("score").cast(pl.Float64))
    return (
        areas.group_by(KEY)
        .agg(
            pl.len().cast(pl.Int64).alias("candidates"),
            pl.col("score").count().cast(pl.Int64).alias("scored"),
            pl.col("score").mean().alias("mean_score"),
            pl.col("score").min().alias("lowest_score"),
            pl.col("score").max().alias("highest_score"),
        )
        .sort(KEY)
    )


def same(found: pl.DataFrame, wanted: pl.DataFrame) -> None:
    """Row by row, means to 1e-9."""
    assert found.select(KEY).rows() == wanted.select(KEY).rows()
    for name in ("candidates", "scored", "lowest_score", "highest_score"):
        assert found[name].to_list() == wanted[name].to_list(), name
    for one, other in zip(found["mean_score"], wanted["mean_score"], strict=True):
        assert one == other or abs(one - other) < 1e-9


def test_both_editions_of_2019_and_the_two_files_of_2024(scene: Scene) -> None:
    """Gold is what the CSVs say; the second edition takes the place of the first, and an edition leaves the others."""
    archive.write(scene.zip(IN_2019), 2019, "full", 700)
    scene.land(IN_2019)
    done = scene.load(IN_2019)
    assert {name: done[name]["silver_rows"] for name in ("candidates", "items")} == {"candidates": 700, "items": 180}
    assert scene.publish(IN_2019)["warnings"] == []
    full = csv(scene.zip(IN_2019), "MICRODADOS_ENEM_2019.csv")
    same(scene.scores(IN_2019), expected(full, scene.zip(IN_2019), "TP_ESCOLA", "TP_SEXO"))
    held = scene.lake.table("silver.enem_candidates").sort("registration")
    assert held["exam_town"].to_list() == full.sort("NU_INSCRICAO")["NO_MUNICIPIO_PROVA"].to_list()
    assert "Viçosa" in set(held["exam_town"])
    assert (held["age"].null_count(), held["age_group"].null_count()) == (0, 700)
    absent = held.filter(pl.col("presence_sciences") != 1)
    assert (len(absent) > 100, absent["score_sciences"].null_count()) == (True, len(absent))

    archive.write(scene.zip(IN_2019), 2019, "open", 500, seed=1)
    scene.land(IN_2019)
    assert scene.load(IN_2019)["candidates"]["silver_rows"] == 500
    scene.publish(IN_2019)
    opened = csv(scene.zip(IN_2019), "MICRODADOS_ENEM_2019.csv")
    same(scene.scores(IN_2019), expected(opened, scene.zip(IN_2019), "TP_ESCOLA", "TP_SEXO"))

    archive.write(scene.zip(IN_2024), 2024, "split", 600)
    scene.land(IN_2024)
    done = scene.load(IN_2024)
    assert {name: done[name]["silver_rows"] for name in ("participants", "results")} == {
        "participants": 600, "results": 600,
    }  # fmt: skip
    assert scene.publish(IN_2024)["warnings"] == []
    results = csv(scene.zip(IN_2024), "RESULTADOS_2024.csv")
    same(scene.scores(IN_2024), expected(results, scene.zip(IN_2024), "TP_DEPENDENCIA_ADM_ESC", None))
    same(scene.scores(IN_2019), expected(opened, scene.zip(IN_2019), "TP_ESCOLA", "TP_SEXO"))
    assert {load["loaded"] for load in scene.load(IN_2024).values()} == {0}
    dashboard_of_scores(scene, {IN_2019: opened, IN_2024: results})


def dashboard_of_scores(scene: Scene, taken: dict[dt.date, pl.DataFrame]) -> None:
    """Every mean is of the candidates in the CSV, each counting alike, of one area and by nothing between."""
    for day, frame in taken.items():
        scored = frame.select("SG_UF_PROVA", score=pl.col("NU_NOTA_MT").cast(pl.Float64))
        states = scored.group_by("SG_UF_PROVA").agg(
            pl.len(), pl.col("score").count().alias("scored"), pl.col("score").mean().alias("mean"),
            pl.col("score").min().alias("low"), pl.col("score").max().alias("high"),
        )  # fmt: skip
        wanted = {row[0]: row[1:] for row in states.rows()}
        found = shown.frame(scene.lake, "scores", "by_state_and_edition").filter(area="mathematics", market_date=day)
        assert {row["state"] for row in found.to_dicts()} == set(wanted)
        for row in found.to_dicts():
            numbers = tuple(
                row[f"{name}"] for name in ("candidates", "scored", "mean_score", "lowest_score", "highest_score")
            )
            assert numbers == pytest.approx(wanted[row["state"]], abs=1e-9)
        (mean,) = shown.frame(scene.lake, "scores", "by_edition").filter(area="mathematics", market_date=day)[
            "mean_score"
        ]
        assert mean == pytest.approx(scored["score"].mean(), abs=1e-9)
    newest = taken[IN_2024]["NU_NOTA_MT"]
    values = {
        name: shown.frame(scene.lake, "scores", name).filter(area="mathematics").rows()
        for name in ("candidates", "scored", "mean")
    }
    whole = [newest.len(), newest.count() / newest.len(), newest.cast(pl.Float64).mean()]
    assert [row[1] for rows in values.values() for row in rows] == pytest.approx(whole, abs=1e-9)
    bars = shown.frame(scene.lake, "scores", "by_state").filter(area="mathematics").rows()
    assert {row[1]: row[2] for row in bars} == pytest.approx(
        {state: each[2] for state, each in wanted.items()}, abs=1e-9
    )
    for day in taken:
        for name in ("by_state", "by_school", "by_sex", "by_year"):
            kept = shown.kept(scene.lake, "enem", f"scores_{name}", day).sort("area", pl.nth(0))
            same_groups(kept, scene.scores(day).with_columns(year=pl.lit(day.year)))
    for name, column, variable in (("by_sex", "sex", "TP_SEXO"), ("by_school", "school_kind", "TP_ESCOLA")):
        found = shown.frame(scene.lake, "scores", name).filter(area="mathematics", market_date=IN_2019)
        codes = taken[IN_2019].group_by(pl.col(variable).str.strip_suffix(".0")).len().rows()
        words = meanings(scene.zip(IN_2019), variable)
        assert dict(found.select(column, "candidates").rows()) == {
            words.get(code, "unknown"): many for code, many in codes
        }


def same_groups(kept: pl.DataFrame, rows: pl.DataFrame) -> None:
    """A kept query adds up rows of gold, of which each is compared with the CSV above: polars does it by points."""
    by = kept.columns[0]
    points = (pl.col("mean_score") * pl.col("scored")).sum()
    wanted = rows.group_by("area", by).agg(
        pl.col("candidates").sum(), pl.col("scored").sum(), mean=points / pl.col("scored").sum(),
        low=pl.col("lowest_score").min(), high=pl.col("highest_score").max(),
    ).sort("area", by)  # fmt: skip
    assert kept.height == wanted.height > 0
    for one, other in zip(kept.select("area", by, pl.nth(range(2, 7))).rows(), wanted.rows(), strict=True):
        assert one[:2] == other[:2]
        assert [each or 0 for each in one[2:]] == pytest.approx(
            [0 if each is None or each != each else each for each in other[2:]], abs=1e-9
        )


def edited(path: Path, name: str, *changes: tuple[bytes, bytes]) -> None:
    """Change a member of a zip."""
    with zipfile.ZipFile(path) as zipped:
        members = {each: zipped.read(each) for each in zipped.namelist()}
    for before, after in changes:
        assert before in members[name]
        members[name] = members[name].replace(before, after, 1)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as zipped:
        for member, body in members.items():
            zipped.writestr(member, body)


def test_bad_rows_are_set_aside_and_the_rest_is_loaded(scene: Scene) -> None:
    """A short line with its number, a score that is none; a code without a meaning is told, and unknown in gold."""
    path, name = scene.zip(IN_2019), "DADOS/MICRODADOS_ENEM_2019.csv"
    archive.write(path, 2019, "open", 40)
    frame = csv(path, name)
    lines = [";".join(value or "" for value in row) for row in frame.rows()]
    at = frame.columns.index
    scored = next(number for number, row in enumerate(frame.rows()) if row[at("NU_NOTA_MT")])
    short = next(number for number in range(40) if number != scored)
    other = next(number for number in range(39, -1, -1) if number not in (scored, short))
    changed = {short: lines[short].rpartition(";")[0]}
    for number, column, value in ((scored, "NU_NOTA_MT", "7x"), (other, "TP_ESCOLA", "9")):
        values = lines[number].split(";")
        values[at(column)] = value
        changed[number] = ";".join(values)
    pairs = [(lines[number].encode("iso-8859-1"), line.encode("iso-8859-1")) for number, line in changed.items()]
    edited(path, name, *pairs)
    scene.land(IN_2019)
    done = scene.load(IN_2019)["candidates"]
    assert (done["bronze_rows"], done["silver_rows"], done["quarantined"]) == (40, 38, 2)
    bad = {row["reason"]: row for row in scene.lake.table("quality.quarantine").to_dicts()}
    assert set(bad) == {
        f"line {short + 2} has 75 values, the header 76",
        "score_mathematics: cannot read '7x' as DOUBLE",
    }
    assert {row["row"] for row in bad.values()} == {changed[short], changed[scored]}
    warned = scene.publish(IN_2019)["warnings"]
    assert any("codes that the dictionary of the edition lacks: TP_ESCOLA 9" in each for each in warned)
    assert scene.scores(IN_2019).filter(pl.col("school_kind") == "unknown")["candidates"].to_list() == [1] * 5


def test_a_header_that_nobody_declares_any_more_is_refused_by_name(scene: Scene, monkeypatch: Any) -> None:
    """The other tables are loaded."""
    archive.write(scene.zip(IN_2019), 2019, "full", 20)
    scene.land(IN_2019)
    candidates = ENEM.datasets["candidates"]
    opened = msgspec.structs.replace(candidates, headers={"open": candidates.headers["open"]})
    less = msgspec.structs.replace(ENEM, datasets={**ENEM.datasets, "candidates": opened})
    monkeypatch.setattr(catalog, "load", lambda _: less)
    with pytest.raises(silver.BadObjectError, match=r"of 136 columns is none of 'open' .* lacks TP_FAIXA_ETARIA"):
        scene.load(IN_2019)
    assert len(scene.lake.table("silver.enem_items")) == 180
    assert len(scene.lake.table("silver.enem_candidates")) == 0
