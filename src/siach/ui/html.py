"""Small pieces of HTML and SVG made in code: every attribute escaped, no style ever."""

from html import escape

Attribute = str | float | bool | None


def element(tag: str, inner: str = "", **attributes: Attribute) -> str:
    """One element. `inner` is HTML already; attributes are escaped here. A name's trailing underscore falls
    (`class_`), other underscores become hyphens, False and None leave the attribute out, True leaves it bare;
    figures are written with two decimals at most."""
    written = "".join(_written(name, value) for name, value in attributes.items())
    return f"<{tag}{written}>{inner}</{tag}>"


def figure(value: float) -> str:
    """A number for an SVG attribute: two decimals at most, no trailing zeros, no minus zero."""
    text = f"{value:.2f}".rstrip("0").rstrip(".")
    return "0" if text == "-0" else text


def _written(name: str, value: Attribute) -> str:
    if value is None or value is False:
        return ""
    key = name if name in _CAMEL else name.rstrip("_").replace("_", "-")
    if value is True:
        return f" {key}"
    return f' {key}="{escape(value) if isinstance(value, str) else figure(value)}"'


_CAMEL = {"viewBox", "preserveAspectRatio"}
