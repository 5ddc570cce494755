"""What the page is made of."""

import json
import re
from importlib.resources import files
from pathlib import Path

from assistant.articles.registry import read_source
from assistant.web.locales import LOCALES, words

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


def test_every_word_that_scripts_and_template_use_is_there():
    folder = ROOT / "assistant" / "web"
    scripts = "".join(file.read_text(encoding="utf-8") for file in (folder / "static").glob("*.js"))
    template = (folder / "templates" / "page.html.j2").read_text(encoding="utf-8")

    used = {*re.findall(r'word\("([a-z_]+)"', scripts), *re.findall(r"words\.([a-z_]+)", template)}
    assert len(used) > 50
    assert used <= words("en").keys()
