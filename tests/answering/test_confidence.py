import pytest

from assistant.answering.confidence import Confidence


def told(*logprobs):
    return {"logprobs": {"content": [{"token": "x", "logprob": logprob} for logprob in logprobs]}}


def test_the_mean_counts_every_token_of_every_chunk():
    confidence = Confidence()
    confidence.take(told(-0.1))
    confidence.take(told(-0.1, -0.7))
    assert confidence.is_below(-0.29)
    assert not confidence.is_below(-0.31)


@pytest.mark.parametrize(
    "metadata", [{}, {"logprobs": None}, {"logprobs": {"content": None}}, {"finish_reason": "stop"}]
)
def test_a_model_that_does_not_tell_is_not_called_unsure(metadata):
    confidence = Confidence()
    confidence.take(metadata)
    assert not confidence.is_below(0.0)
