"""The page as users of Gradio expect it: `from app import demo`, `demo.launch()`, `gradio app.py`.

It is for one's own machine. `assistant serve` adds accounts, limits and a clean end, for others to come in.
"""

from functools import cache

from starlette.middleware import Middleware
from starlette.routing import Mount
from starlette.staticfiles import StaticFiles

from assistant.assistant import Assistant
from assistant.conversation.history import Conversations
from assistant.web.context import Context
from assistant.web.document import Assets, Document
from assistant.web.downloads import download_routes
from assistant.web.limiter import AT_ONCE, MOST_WAITING, ConcurrencyLimiter
from assistant.web.page.build import Page, build_page, serving_options
from assistant.web.same_origin import GUARDED, SameOriginOnly


@cache
def build_demo() -> Page:
    """Return the page on the store that the settings name.

    Raises:
        SettingsError: a setting cannot be used.
        ConversationError: the conversations cannot be opened.
    """
    assistant = Assistant()
    conversations = Conversations(assistant.settings.store)
    context = Context(assistant, conversations, ConcurrencyLimiter(AT_ONCE, MOST_WAITING))
    demo = build_page(context, AT_ONCE, MOST_WAITING)
    static = StaticFiles(packages=[("assistant.web.page", "static")])
    demo.launch_options = {
        **serving_options(),
        "app_kwargs": {
            "routes": [Mount("/page/static", static), *download_routes(context).routes],
            "middleware": [
                Middleware(SameOriginOnly, beginnings=GUARDED),
                Middleware(Document, is_kept=False),
                Middleware(Assets),
            ],
        },
    }
    return demo
