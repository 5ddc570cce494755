"""The store with the real embedding model and the sample articles."""

import shutil
from pathlib import Path

import pytest

from assistant.embedding.loading import load_encoder
from assistant.embedding.token_codec import load_codec
from assistant.indexing.passage_encoder import fingerprint_of
from assistant.indexing.sync import Indexer
from assistant.language.terms import index_terms
from assistant.settings import load_settings
from assistant.store.local_store import LocalStore

SEEDS = Path(__file__).parents[2] / "seeds"


@pytest.fixture(scope="module")
def bundled():
    # Short passages, so that there is something to choose among in one article.
    settings = load_settings(passage_tokens=96)
    encoder = load_encoder(settings)
    return encoder, load_codec(encoder), settings


def test_the_sample_article_is_synced_found_and_not_encoded_again(project, folder, bundled):
    encoder, codec, settings = bundled
    shutil.copytree(SEEDS, project / "seeds", dirs_exist_ok=True)
    with LocalStore.open(folder, fingerprint_of(encoder, codec, settings)) as store:
        report = Indexer(store, encoder, codec, settings).sync([project / "seeds"])
        assert len(report.added) == 1
        assert report.encoded > 3
        assert report.problems == ()
        assert store.check() == []
    with LocalStore.open(folder, fingerprint_of(encoder, codec, settings)) as store:
        report = Indexer(store, encoder, codec, settings).sync([project / "seeds"])
        assert (len(report.unchanged), report.encoded) == (1, 0)
        question = encoder.encode_questions(["when is the next CSTO summit?"])[0]
        candidates = store.dense_candidates(question.pooled, 3)
        passages = store.passages([candidate.passage_id for candidate in candidates])
        assert any("11 نوفمبر 2026" in passage.text for passage in passages)
        (article,) = store.articles({passage.article_id for passage in passages}).values()
        assert article.language == "ar"
        for passage, data in zip(passages, store.token_vectors([passage.id for passage in passages]), strict=True):
            assert passage.text == article.text[passage.start : passage.end]
            # The model has read the passage to its end.
            assert codec.expand(data).offsets[-1, 1] == len(passage.text)
        words = store.lexical_candidates(index_terms("نوفمبر 2026", "ar"), 1)
        assert "نوفمبر" in store.passages([words[0].passage_id])[0].text
