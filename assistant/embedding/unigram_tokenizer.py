"""XLM-R's tokenizer, rebuilt from its vocabulary."""

from collections.abc import Sequence

from tokenizers import AddedToken, Regex, Tokenizer, decoders, normalizers, pre_tokenizers, processors
from tokenizers.models import Unigram

# What SentencePiece's `nmt_nfkc` does besides NFKC: control characters vanish, and separators that Unicode does not
# count as compatible with a space become one. A test compares this with the table in the packed model.
_VANISHING = r"[\x{0}-\x{8}\x{B}\x{E}-\x{1F}\x{7F}\x{8F}\x{9F}]"
_SPACES = r"[\t\n\f\r\x{1680}\x{200B}-\x{200F}\x{2028}\x{2029}\x{2581}\x{FEFF}\x{FFFD}]"


def build_tokenizer(
    pieces: Sequence[str], scores: Sequence[float], *, bos: int, eos: int, pad: int, unknown: int
) -> Tokenizer:
    """Build the tokenizer of XLM-R: `<s> … </s>` around pieces of normalised text, a space being part of the next word.

    Args:
        pieces: The vocabulary; a piece's index is its token id.
        scores: Log probability of each piece.
        bos: Id of the token that begins an input.
        eos: Id of the token that ends it.
        pad: Id of the padding token.
        unknown: Id of the token for what the pieces cannot spell.

    Returns:
        A tokenizer that neither pads nor truncates. Its offsets count characters of the text it was given.

    Source: Kudo, "Subword Regularization", ACL 2018 (the unigram model); Conneau et al., "Unsupervised Cross-lingual
    Representation Learning at Scale", ACL 2020 (this vocabulary).
    """
    tokenizer = Tokenizer(Unigram(list(zip(pieces, map(float, scores), strict=True)), unk_id=unknown))
    tokenizer.normalizer = build_normaliser()
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace()
    tokenizer.decoder = decoders.Metaspace()
    tokenizer.add_special_tokens(
        [AddedToken(pieces[i], special=True, normalized=False) for i in sorted({bos, pad, eos, unknown})]
    )
    begin, end = (pieces[bos], bos), (pieces[eos], eos)
    tokenizer.post_processor = processors.TemplateProcessing(
        single=f"{begin[0]} $A {end[0]}",
        pair=f"{begin[0]} $A {end[0]} {end[0]} $B {end[0]}",
        special_tokens=[begin, end],
    )
    return tokenizer


def build_normaliser() -> normalizers.Normalizer:
    """Build what brings a text into the form that XLM-R's pieces are looked for in."""
    return normalizers.Sequence(
        [
            normalizers.Replace(Regex(_VANISHING), ""),
            normalizers.Replace(Regex(_SPACES), " "),
            normalizers.NFKC(),
            normalizers.Replace(Regex(" {2,}"), " "),
            normalizers.Strip(),
        ]
    )
