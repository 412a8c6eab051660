"""What the parser says of a statement that it cannot read, in the words of QuickBooks' own parser (JavaCC's)."""

from lark import Token, UnexpectedCharacters, UnexpectedInput, UnexpectedToken

from qbo_milestones.simulator.faults import Refusal, refuse

IMAGES = {
    "NAME": "<IDENTIFIER>", "STRING": "<STRING>", "INTEGER": "<INTEGER>", "DECIMAL": "<DECIMAL>", "_AND": "<AND>",
    "STAR": '"*"', "COMMA": '","', "LPAR": '"("', "RPAR": '")"', "SEMICOLON": '";"',
}  # fmt: skip
OPERATORS = ('"<"', '"<="', '"="', '">"', '">="')
BESIDE = {"_MAXRESULTS": ('"iterator"',), "_AND": ("<OR>",), "OPERATOR": OPERATORS}
"""What QuickBooks' grammar knows beside our own at the same place."""
OURS = {"$END", "OPERATOR", "NOT_EQUAL", "_NOT", "SEMICOLON"}
"""What is not listed among the expected under its own name."""


def complaint(error: UnexpectedInput, statement: str, expectations: bool) -> Refusal:
    """4000 with the place of the first thing that does not belong, and, where wanted, what was expected there."""
    if isinstance(error, UnexpectedCharacters):
        return refuse("4000", _lexical_error(statement, error))
    seen, (line, column), expected = "<EOF>", _end(statement), set[str]()
    if isinstance(error, UnexpectedToken):
        expected = set(error.accepts or error.expected)
        if error.token.type != "$END":
            seen, line, column = _seen(error.token), error.token.line or 1, error.token.column or 1
    more = _expected(expected) if expectations else ""
    return refuse("4000", f'QueryParserError: Encountered "{seen}" at line {line}, column {column}.{more}')


def unexpected(image: str, place: tuple[int, int]) -> Refusal:
    """4000 for an operator that a switch takes out of the language."""
    seen = f'" "{image}" "{image} ""'
    return refuse("4000", f"QueryParserError: Encountered {seen} at line {place[0]}, column {place[1]}.")


def invalid(detail: str) -> Refusal:
    """4001: the statement can be read, but not be asked."""
    return refuse("4001", f"QueryValidationError: {detail}")


def _expected(names: set[str]) -> str:
    images = {image for name in names for image in _expected_images(name)}
    listed = sorted(images, key=lambda image: (image != "<EOF>", image.strip('<>"').lower()))
    lines = "".join("<EOF> \n    " if image == "<EOF>" else f"{image} ...\n    " for image in listed)
    return f"\nWas expecting{' one of' if len(listed) > 1 else ''}:\n    {lines}"


def _expected_images(name: str) -> tuple[str, ...]:
    own = ("<EOF>",) if name == "$END" else () if name in OURS else (_image(name),)
    return own + BESIDE.get(name, ())


def _image(name: str) -> str:
    return IMAGES.get(name) or f'"{name.removeprefix("_").lower()}"'


def _seen(token: Token) -> str:
    text = str(token)
    if token.type == "NAME" and text.lower() == "or":
        return f' <OR> "{text} "'
    image = f'"{text}"' if token.type in ("OPERATOR", "NOT_EQUAL") else _image(token.type)
    return f' {image} "{_escaped(text)} "'


def _end(statement: str) -> tuple[int, int]:
    """Line and column of the last character; nothing has line 0, column 0."""
    lines = statement.split("\n")
    return (len(lines), len(lines[-1])) if statement else (0, 0)


def _lexical_error(statement: str, error: UnexpectedCharacters) -> str:
    at = error.pos_in_stream or 0
    line, column, char, after = error.line, error.column, statement[at], ""
    if char == "'" or at == len(statement) - 1:
        after = _escaped(statement[at:]) if char == "'" else ""
        last_line, last_column = _end(statement)
        line, column, encountered = last_line, last_column + 1, "<EOF>"
    else:
        encountered = f'"{_escaped(char)}" ({ord(char)}),'
    return (
        f"QueryParserError: Invalid content. Lexical error at line {line}, column {column}.  "
        f'Encountered: {encountered} after : "{after}"'
    )


def _escaped(text: str) -> str:
    """As Java's parser writes characters into its messages."""
    return "".join(_escape(char) for char in text)


def _escape(char: str) -> str:
    if char in ESCAPES:
        return ESCAPES[char]
    if " " <= char <= "~":
        return char
    units = char.encode("utf-16-be").hex()
    return "".join(f"\\u{units[start : start + 4]}" for start in range(0, len(units), 4))


ESCAPES = {"\b": "\\b", "\t": "\\t", "\n": "\\n", "\f": "\\f", "\r": "\\r", '"': '\\"', "'": "\\'", "\\": "\\\\"}
