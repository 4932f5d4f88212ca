"""Which indices there are, and what moves each of them."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Index:
    """An index: its `value` on the anchor day, what it makes of the market's movement, and its own movement.

    One of fear has a `value` that it returns to, and rises when the last month fell.
    """

    symbol: str
    name: str
    feed: str
    value: float
    beta: float
    volatility: float = 0.003
    fear: bool = False


INDICES = (
    Index("SPX", "Standard & Poor's 500", "CMEMarketDataPlatform", 5935.0, 1.0, 0.0015),
    Index("NDX", "Nasdaq 100 Index", "NasdaqGIDS", 21_490.0, 1.15, 0.0045),
    Index("DJI", "Dow Jones Industrial Average", "CMEMarketDataPlatformDowJones", 42_300.0, 0.9),
    Index("VIX", "Cboe Volatility Index", "CboeGlobalIndicesFeed", 17.5, -6.0, 0.02, fear=True),
    Index("RUT", "Russell 2000 Index", "CboeGlobalIndicesFeed", 2070.0, 1.1, 0.006),
    Index("COMP", "Nasdaq Composite Index", "NasdaqGIDS", 19_240.0, 1.15, 0.004),
    Index("OEX", "Standard & Poor's 100", "CMEMarketDataPlatform", 2890.0, 1.0, 0.002),
    Index("MID", "Standard & Poor's Midcap 400", "CMEMarketDataPlatform", 3010.0, 1.05, 0.004),
    Index("SML", "Standard & Poor's Smallcap 600", "CMEMarketDataPlatform", 1280.0, 1.1, 0.005),
    Index("RUI", "Russell 1000 Index", "CboeGlobalIndicesFeed", 3245.0, 1.0, 0.0015),
    Index("RUA", "Russell 3000 Index", "CboeGlobalIndicesFeed", 3370.0, 1.0, 0.0015),
    Index("VXN", "Cboe Nasdaq Volatility Index", "CboeGlobalIndicesFeed", 21.5, -6.0, 0.02, fear=True),
    Index("DJT", "Dow Jones Transportation Average", "CMEMarketDataPlatformDowJones", 14_800.0, 1.0, 0.006),
    Index("DJU", "Dow Jones Utility Average", "CMEMarketDataPlatformDowJones", 1035.0, 0.5, 0.006),
    Index("SOX", "PHLX Semiconductor Index", "NasdaqGIDS", 4760.0, 1.5, 0.011),
    Index("BKX", "KBW Nasdaq Bank Index", "NasdaqGIDS", 132.0, 1.1, 0.009),
    Index("XAU", "PHLX Gold and Silver Index", "NasdaqGIDS", 195.0, 0.4, 0.015),
    Index("OSX", "PHLX Oil Service Index", "NasdaqGIDS", 62.0, 1.0, 0.014),
    Index("UTY", "PHLX Utility Index", "NasdaqGIDS", 1060.0, 0.5, 0.006),
    Index("NYA", "NYSE Composite Index", "NYSEGlobalIndexFeed", 19_800.0, 0.95, 0.002),
)
