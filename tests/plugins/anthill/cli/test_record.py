"""What `anthill record` takes of the declarations, and what it is told instead."""

from __future__ import annotations

import datetime as dt

import pytest
import typer

from anthill import catalog
from anthill.cli.record import _stream


def test_a_stream_is_recorded_as_it_is_declared() -> None:
    """Its channels, each of its list, its segments and its calendar."""
    stream = _stream("crypto", "minute_stream", (), 0)
    assert (stream.asset_class, stream.name, stream.calendar) == ("crypto", "minute_stream", "24/7")
    assert stream.segment == dt.timedelta(minutes=5)
    assert len(stream.channels) == len(catalog.load("crypto").lists["pair"])
    assert "XA.BTC-USD" in stream.channels


def test_options_stand_in_for_what_is_declared() -> None:
    """For a try; where there are channels, the name need not be declared."""
    stream = _stream("options", "tries", ("AM.O:SPY251219C00650000",), 1)
    assert (stream.name, stream.channels, stream.segment) == (
        "tries",
        ("AM.O:SPY251219C00650000",),
        dt.timedelta(minutes=1),
    )
    assert _stream("crypto", "minute_stream", ("XA.*",), 0).channels == ("XA.*",)


@pytest.mark.parametrize(
    ("asset_class", "name", "said"),
    [
        ("options", "minute_stream", "its streams are none"),
        ("crypto", "minute_bars", "its streams are minute_stream"),
        ("cripto", "minute_stream", "crypto"),
    ],
)
def test_what_is_not_declared_is_told(
    asset_class: str, name: str, said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """With what there is."""
    with pytest.raises((typer.Exit, SystemExit)):
        _stream(asset_class, name, (), 0)
    assert said in capsys.readouterr().err
