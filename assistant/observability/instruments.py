"""The metrics: their names, units and what they say. The dashboard and the documentation name these."""

COUNTERS = {
    "assistant.questions": (
        "{question}",
        "Questions, by how they ended: answered, not_found, clarify, reply, stopped, failed.",
    ),
    "assistant.refusals": ("{question}", "Questions that the articles do not answer."),
    "assistant.failures": ("{question}", "Questions that ended in an error, by its kind."),
    "assistant.sentences.dropped": ("{sentence}", "Sentences of chat models that the check dropped or shortened."),
    "assistant.tokens": ("{token}", "Tokens that chat models read and wrote, where their servers tell."),
    "assistant.passages.encoded": ("{passage}", "Passages that were encoded for the store."),
}
TIMES = {
    "assistant.question.duration": ("s", "From a question to its checked answer."),
    "assistant.stage.duration": ("s", "By stage: read, chunk, encode, search, generate, check and the like."),
}
GAUGES = {
    "assistant.queue.waiting": ("{question}", "Questions that wait for their turn."),
    "assistant.queue.answering": ("{question}", "Questions that are being answered."),
    "assistant.index.generation": (
        "{change}",
        "Counts the changes of the store; alike in all processes that share it.",
    ),
    "assistant.index.age": ("s", "Since the process saw the store change last, or since it began."),
}
SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 25, 60, 120)
"""Bounds of the distributions' buckets."""
