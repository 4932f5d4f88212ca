"""The report of 130 market days of stocks in Chromium: `make test-pages`, after `make demo DAYS=130 ASSETS=stocks`."""
