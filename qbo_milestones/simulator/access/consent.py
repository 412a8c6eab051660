"""The consent page: who asks for what, on which company, and two buttons."""

from html import escape

STYLE = (
    "body{font:16px system-ui,sans-serif;background:#f4f5f8;margin:0;color:#20262e}"
    "main{max-width:26rem;margin:8vh auto;background:#fff;padding:2rem;border-radius:12px;"
    "box-shadow:0 2px 16px rgba(0,0,0,.08)}h1{font-size:1.3rem}select,button{font:inherit;padding:.6rem 1rem;"
    "border-radius:8px;border:1px solid #c4cad2;width:100%;margin-top:.8rem}"
    "button[value=approve]{background:#1d7a3e;color:#fff;border:0}small{color:#5d6773}"
)
HEAD = f"<!doctype html><html lang=en><meta charset=utf-8><title>Connect to QuickBooks</title><style>{STYLE}</style>"


def consent_page(app_name: str, companies: list[tuple[str, str]], query: dict[str, str], problem: str = "") -> str:
    """The page as HTML; with a problem it only says what is wrong. Companies are (realm, name)."""
    if problem:
        return f"{HEAD}<main><h1>This connection cannot be made</h1><p>{escape(problem)}</p></main></html>"
    kept = "".join(_hidden(name, query.get(name, "")) for name in ("client_id", "redirect_uri", "state", "scope"))
    options = "".join(f"<option value={escape(realm)!r}>{escape(name)}</option>" for realm, name in companies)
    return (
        f"{HEAD}<main><h1>Connect {escape(app_name)} to QuickBooks</h1>"
        f"<p>{escape(app_name)} asks to read and write the books of:</p>"
        f"<form method=post action=/connect/oauth2>{kept}<select name=realm aria-label=Company>{options}</select>"
        "<button name=decision value=approve>Connect</button><button name=decision value=refuse>No, thanks</button>"
        f"</form><p><small>Asked for: {escape(query.get('scope', ''))}. "
        "This is the simulator: no real company is touched.</small></p></main></html>"
    )


def _hidden(name: str, value: str) -> str:
    return f'<input type=hidden name="{name}" value="{escape(value)}">'
