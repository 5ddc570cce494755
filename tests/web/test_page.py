"""What the page is made of."""

import json
import re
from importlib.resources import files
from pathlib import Path

from assistant.articles.registry import read_source
from assistant.web.locales import LOCALES, words
from assistant.web.page.chat_handlers import STEPS
from assistant.web.page.render import SHORTCUTS

ROOT = Path(__file__).parents[2]


def test_examples_are_questions_of_the_set_about_the_sample_article():
    examples = json.loads(files("assistant.web").joinpath("examples.json").read_text(encoding="utf-8"))
    [seed] = (ROOT / "seeds").glob("*.txt")
    [article] = read_source(seed).articles
    asked = {
        json.loads(line)["question"] for line in (ROOT / "evals/seeds.jsonl").read_text(encoding="utf-8").splitlines()
    }

    assert list(examples) == [article.id]
    assert set(examples[article.id]) <= asked


def test_every_language_of_the_page_has_all_its_words():
    english = words("en")
    for locale in LOCALES:
        assert words(locale).keys() == english.keys()
        for name, text in words(locale).items():
            assert text.strip()
            assert text.count("{") == english[name].count("{"), name


def test_every_word_that_is_used_is_there():
    folder = ROOT / "assistant" / "web"
    files = [*folder.rglob("*.py"), *folder.rglob("*.j2")]
    source = "".join(file.read_text(encoding="utf-8") for file in files)

    used = {
        *re.findall(r'\b(?:t|i18n)\("([a-z_]+)"\)', source),
        *re.findall(r'\bw(?:ords\([^)]*\))?\["([a-z_]+)"\]', source),
    }
    used |= set(re.findall(r"\bw\.([a-z_]+)", source)) | {word for _, word in SHORTCUTS} | set(STEPS.values())
    used -= {"brand", "get"}  # HTML that is made of words, and a method
    assert len(used) > 50
    assert used <= words("en").keys()


def test_every_shortcut_is_listed_and_acts():
    script = files("assistant.web.page").joinpath("static/page.js").read_text(encoding="utf-8")
    listed = {keys for keys, _ in SHORTCUTS}

    acts = {
        name.replace("Key", "").replace("Digit", "") for name in re.findall(r'^  "([^"]+)": \(\)', script, re.MULTILINE)
    }
    assert acts == {"/", "?", "Alt+N", "Alt+K", "Alt+1", "Alt+2", "Alt+3"}
    assert listed == {"/", "?", "Esc", "Alt+N", "Alt+K", "Alt+1 … 3"}
