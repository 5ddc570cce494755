import dataclasses

import pytest

from assistant.errors import SettingsError
from assistant.settings import Settings
from assistant.store.passage_encoder import PassageEncoder, fingerprint_of, passage_budget


def test_the_budget_leaves_room_for_the_prompt(encoder):
    assert passage_budget(encoder, Settings()) == encoder.max_tokens - 1 - 4
    assert passage_budget(encoder, Settings(passage_tokens=20)) == 20


def test_a_budget_beyond_what_the_model_reads_is_refused(encoder, codec):
    with pytest.raises(SettingsError, match="passage_tokens=36: hash reads at most 35"):
        PassageEncoder(encoder, codec, Settings(passage_tokens=36))


def test_the_fingerprint_tells_encoder_codec_and_settings(encoder, codec):
    fingerprint = fingerprint_of(encoder, codec, Settings(passage_tokens=20))
    assert (fingerprint.embedding_model, fingerprint.dimension, fingerprint.passage_tokens) == ("hash", 16, 20)
    assert fingerprint.token_codec == codec.version
    assert fingerprint.differences(fingerprint.to_json()) == []
    stored = dataclasses.replace(fingerprint, passage_prompt="").to_json()
    assert fingerprint.differences(stored) == ["passage_prompt is '' there and 'passage: ' here"]


def test_a_field_of_another_version_is_a_difference(encoder, codec):
    fingerprint = fingerprint_of(encoder, codec, Settings())
    assert fingerprint.differences('{"layer": 11}')[0].startswith("chunker is unknown there")
    assert "layer is 11 there and unknown here" in fingerprint.differences('{"layer": 11}')


def test_passages_come_back_with_their_article_in_order(encoder, codec, make_article):
    articles = [make_article(f"Article {n}. " * (n % 4 + 1), f"{n}.txt") for n in range(90)]
    given = list(PassageEncoder(encoder, codec, Settings()).encode(articles))
    assert [article for article, _ in given] == articles
    for article, passages in given:
        assert passages
        for encoded in passages:
            assert encoded.passage.article_id == article.id
            assert encoded.vector.tolist() == encoder.encode_questions([encoded.passage.text])[0].pooled.tolist()
            tokens = codec.expand(encoded.tokens)
            assert len(tokens.token_ids) == encoder.count_tokens([encoded.passage.text])[0]
            assert encoded.terms


def test_articles_are_read_ahead_only_until_a_batch_is_full(encoder, codec, make_article):
    read = []

    def articles():
        for number in range(500):
            read.append(number)
            yield make_article(f"Article {number}.", f"{number}.txt")

    next(PassageEncoder(encoder, codec, Settings()).encode(articles()))
    assert len(read) == 64
