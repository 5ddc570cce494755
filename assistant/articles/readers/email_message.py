"""E-mails (.eml) and web pages saved with their pictures (.mht, .mhtml), which have the same form (MIME)."""

from email import policy
from email.errors import MessageError
from email.message import EmailMessage
from email.parser import BytesParser

from assistant.articles.decoding import NotTextError, decode
from assistant.articles.html_text import read_html
from assistant.articles.readers import html
from assistant.articles.reading import AS_USUAL, Reading, ReadOptions, build_article, problem
from assistant.errors import message_of

_SAVED_PAGE = "snapshot-content-location"


def read(
    content: bytes,
    source: str,
    *,
    charset: str | None = None,  # noqa: ARG001 - see `Reader`
    options: ReadOptions = AS_USUAL,
) -> Reading:
    """Read one article; see `Reader`. Attachments are not read."""
    try:
        message = BytesParser(_class=EmailMessage, policy=policy.default).parsebytes(content)
        is_page = message.get_content_type() == "multipart/related" and (
            _SAVED_PAGE in message or "saved by" in str(message.get("from", "")).casefold()
        )
        body = message.get_body(("html", "plain") if is_page else ("plain", "html"))
        headers = {name: str(message.get(name, "")) for name in ("subject", "from", "date")}
        payload = body.get_payload(decode=True) if body is not None else None
    except (MessageError, LookupError, UnicodeError, ValueError, AttributeError) as error:
        raise problem(source, "it is damaged or not an e-mail; save it again.") from error
    if body is None or not isinstance(payload, bytes) or not any(headers.values()):
        raise problem(source, "it has no text of its own; save what is attached to it as files.")
    declared = body.get_content_charset()
    if is_page:
        return html.read(payload, source, charset=declared, options=options)
    try:
        text = decode(payload, declared)
    except NotTextError as error:
        raise problem(source, message_of(error)) from error
    shown = read_html(text) if body.get_content_type() == "text/html" else text
    found = {"title": headers["subject"], "author": headers["from"], "date": headers["date"]}
    return Reading((build_article(source, shown, found),))
