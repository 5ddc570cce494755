import dataclasses

import pytest

from assistant.errors import SettingsError
from assistant.indexing.passage_encoder import BATCH, PassageEncoder, fingerprint_of, passage_budget
from assistant.settings import Settings


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


def test_passages_come_back_in_order_with_all_the_store_keeps(encoder, codec, make_article):
    passage_encoder = PassageEncoder(encoder, codec, Settings())
    article = make_article(
        "".join(f"Article {n} says this and that at some length. " for n in range(400)), title="Article 0"
    )
    passages = passage_encoder.chunk(article)
    assert len(passages) > BATCH
    encoded = list(passage_encoder.encode([(article, passages)]))
    assert [one.passage for one in encoded] == passages
    assert passage_encoder.encoded == len(passages)
    for one in encoded:
        assert one.vector.tolist() == encoder.encode_questions([one.passage.text])[0].pooled.tolist()
        tokens = codec.expand(one.tokens)
        assert len(tokens.token_ids) == encoder.count_tokens([one.passage.text])[0]
        assert one.terms


def test_a_passage_is_encoded_only_when_its_batch_is_asked_for(encoder, codec, make_article):
    passage_encoder = PassageEncoder(encoder, codec, Settings())
    article = make_article(
        "".join(f"Article {n} says this and that at some length. " for n in range(400)), title="Article 0"
    )
    next(passage_encoder.encode([(article, passage_encoder.chunk(article))]))
    assert len(encoder.texts) == BATCH


def test_the_tokens_of_a_title_stand_before_those_of_each_passage(encoder, codec, make_article):
    passage_encoder = PassageEncoder(encoder, codec, Settings())
    article = make_article("It opens in May. " * 20, title="A new bridge")
    passages = passage_encoder.chunk(article)
    for passage, encoded in zip(passages, passage_encoder.encode([(article, passages)]), strict=True):
        tokens = codec.expand(encoded.tokens)
        own = tokens.offsets[:, 1] > 0
        assert (~own).sum() == encoder.count_tokens(["A new bridge"])[0]
        assert own.sum() == encoder.count_tokens([passage.text])[0]
        assert own.tolist() == sorted(own.tolist())
    assert passage_encoder.encoded == len(passages)


def test_a_title_with_which_the_text_begins_is_not_encoded_again(encoder, codec, make_article):
    passage_encoder = PassageEncoder(encoder, codec, Settings())
    article = make_article("A new bridge. It opens in May.", title="A new bridge…")
    list(passage_encoder.encode([(article, passage_encoder.chunk(article))]))
    assert encoder.texts == [article.text]


def test_a_passage_within_a_table_is_encoded_and_found_with_its_header(encoder, codec, make_article):
    passage_encoder = PassageEncoder(encoder, codec, Settings(passage_tokens=35))
    rows = [f"Pier {number} of the lake | {number} | 12" for number in range(40)]
    article = make_article("\n".join(["Landing | Fare | Boats", *rows]), title="By boat")
    passages = passage_encoder.chunk(article)
    encoded = list(passage_encoder.encode([(article, passages)]))

    assert len(passages) > 3
    assert encoder.texts[0] == passages[0].text
    for text, one in zip(encoder.texts[1:], encoded[1:], strict=False):
        assert text == f"Landing | Fare | Boats\n{one.passage.text}"
        assert encoder.count_tokens([text])[0] <= 35
        assert {"landing", "fare"} <= set(one.terms)
        tokens = codec.expand(one.tokens)
        own = tokens.offsets[:, 1] > 0
        assert own.sum() == encoder.count_tokens([one.passage.text])[0]
        assert (~own).sum() == encoder.count_tokens(["By boat"])[0] + encoder.count_tokens(["Landing | Fare | Boats"])[
            0
        ]
        assert own.tolist() == sorted(own.tolist())
        assert tokens.offsets[own][0].tolist() == [0, len("Pier")]
