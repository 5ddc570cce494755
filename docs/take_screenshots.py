"""Take the pictures in docs/images: `python docs/take_screenshots.py URL`, where a server with the seeds runs.

Needs Playwright and an installed Chromium. The pictures show what the server's chat model answers.
"""

import shutil
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Page, sync_playwright

IMAGES = Path(__file__).parent / "images"
QUESTION = "When is the next CSTO summit?"
DESKTOP: dict[str, Any] = {"viewport": {"width": 1280, "height": 760}, "device_scale_factor": 1.5}
PHONE: dict[str, Any] = {"viewport": {"width": 390, "height": 844}, "device_scale_factor": 2, "is_mobile": True}


def ask(page: Page, question: str = QUESTION) -> None:
    """Ask, and light the first source."""
    page.locator("#question textarea").fill(question)
    page.keyboard.press("Enter")
    page.locator("#chat .facts").wait_for(timeout=120_000)
    page.locator("#chat .cite").last.click()
    page.locator(".source.highlight").wait_for()
    page.evaluate("document.activeElement.blur()")
    page.mouse.move(0, 0)


def read(page: Page) -> None:
    """Ask, and open the article at the sentence that is cited."""
    ask(page)
    page.get_by_role("button", name="Show in article").first.click()
    page.locator("#reader mark").wait_for()


def choose_article(page: Page) -> None:
    """Open the library, and choose its first article."""
    page.get_by_role("tab").nth(1).click()
    page.locator("#articles [role=gridcell]").first.click()
    page.locator("#chosen").wait_for()


def open_settings(page: Page) -> None:
    """Open the settings."""
    page.get_by_role("tab").nth(2).click()
    page.locator("#model input").wait_for()


def welcome(page: Page) -> None:
    """Wait for the examples."""
    page.locator("#chat .example").first.wait_for()


def take(browser: Browser, url: str, name: str, prepare: Callable[[Page], None], **options: Any) -> None:
    """Open the page as a new visitor, prepare it, and take a picture of it."""
    context = browser.new_context(**{**DESKTOP, "locale": "en-GB", "reduced_motion": "reduce", **options})
    page = context.new_page()
    page.goto(url)
    welcome(page)
    prepare(page)
    page.wait_for_timeout(400)
    page.screenshot(path=IMAGES / f"{name}.png")
    context.close()


def main(url: str) -> None:
    """Take all pictures."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        arabic_dark: dict[str, Any] = {"locale": "ar", "color_scheme": "dark"}
        take(browser, url, "welcome", welcome)
        take(browser, url, "chat", ask)
        take(browser, url, "chat-dark", ask, color_scheme="dark")
        take(browser, url, "chat-arabic", lambda page: ask(page, "متى تعقد القمة المقبلة؟"), locale="ar")
        take(browser, url, "chat-arabic-dark", ask, **arabic_dark)
        take(browser, url, "article", read)
        take(browser, url, "library", choose_article)
        take(browser, url, "library-arabic-dark", choose_article, **arabic_dark)
        take(browser, url, "settings", open_settings)
        take(browser, url, "phone", ask, **PHONE)
        take(browser, url, "phone-arabic-dark", ask, **PHONE, **arabic_dark)
        browser.close()


if __name__ == "__main__":
    main(sys.argv[1])
