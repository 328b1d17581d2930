"""A model folder of a few thousand random weights, so that tests run the real code in milliseconds."""

import json
import random
from pathlib import Path

import numpy as np
import pytest
from hypothesis import settings

from coach.conversation import RESOLUTIONS, TAGS
from coach.heads import Linear, save_heads
from coach.personality import TYPE_LABELS

settings.register_profile("coach", deadline=None)  # how long an example takes says nothing on a busy machine
settings.load_profile("coach")

WORDS = "hi sorry i am upset my router is broken please restart it thank you how long will take today late ! . ? / ,"


@pytest.fixture(scope="session")
def tiny_base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A base encoder in the layout of transformers: one layer, 16 wide, a vocabulary of words."""
    import torch
    from tokenizers import Tokenizer, models, normalizers, pre_tokenizers
    from transformers import BertConfig, BertModel

    folder = tmp_path_factory.mktemp("base")
    vocabulary = {word: i for i, word in enumerate(["[PAD]", "[UNK]", "[CLS]", "[SEP]", *WORDS.split()])}
    tokenizer = Tokenizer(models.WordLevel(vocabulary, unk_token="[UNK]"))
    tokenizer.normalizer = normalizers.Lowercase()
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    tokenizer.save(str(folder / "tokenizer.json"))
    torch.manual_seed(1)
    sizes = {"hidden_size": 16, "num_hidden_layers": 1, "num_attention_heads": 2, "intermediate_size": 16}
    config = BertConfig(vocab_size=len(vocabulary), max_position_embeddings=320, **sizes)
    BertModel(config, add_pooling_layer=False).save_pretrained(folder)
    return folder


@pytest.fixture(scope="session")
def tiny_model(tiny_base: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A whole model folder with untrained heads; its judgements mean nothing."""
    import torch
    from tokenizers import Tokenizer
    from transformers import AutoModel

    from coach.calls import HEADS as CALLS
    from coach.calls import REPEATS, signs
    from coach.classifier import Network, load, save
    from coach.conversation import Conversation, Turn
    from coach.model_folder import Settings
    from coach.personality import features as type_features
    from coach.resolution import features as ending_features
    from coach.tagging import ConversationTagger

    folder = tmp_path_factory.mktemp("model")
    torch.manual_seed(2)
    encoder = AutoModel.from_pretrained(tiny_base, add_pooling_layer=False)
    network = Network(encoder, encoder.config.hidden_size)
    settings = Settings("tiny", dict.fromkeys(TAGS, 0.5))
    save(network, Tokenizer.from_file(str(tiny_base / "tokenizer.json")), settings, folder)
    said = Conversation("x", (Turn("customer", "my router is broken"), Turn("agent", "sorry . please restart it")))
    tagged = next(ConversationTagger(load(folder)).tag([said]))
    talk = type_features(tagged.conversation, tagged.feelings, tagged.embeddings).shape[1]
    ending = len(ending_features(*tagged))
    read = next(row for _, row in signs(said, tagged.sentences, tagged.feelings) if row is not None)
    chance = np.random.default_rng(3)

    def head(outputs: int, inputs: int, bias: float = 0.0) -> Linear:
        weights = chance.normal(0, 0.1, (outputs, inputs)).astype(np.float32)
        return Linear(
            weights, np.full(outputs, bias, np.float32), np.zeros(inputs, np.float32), np.ones(inputs, np.float32)
        )

    save_heads(
        {
            "type": head(len(TYPE_LABELS), talk),
            "assertiveness": head(2, talk, 3.0),
            "responsiveness": head(2, talk, 3.0),
            "resolved": head(len(RESOLUTIONS), ending),
            **{name: head(1, len(read)) for name in (*CALLS.values(), REPEATS)},
        },
        folder,
    )
    return folder


@pytest.fixture(scope="session")
def labelled_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Forty small labelled conversations, every type and ending among them."""
    chance = random.Random(4)
    path = tmp_path_factory.mktemp("labelled") / "labelled.jsonl"
    rows = [_labelled_row(number, chance) for number in range(40)]
    path.write_text("\n".join(map(json.dumps, rows)) + "\n", "utf-8")
    return path


@pytest.fixture(scope="session")
def openings_file(labelled_file: Path) -> Path:
    """What the one stretch of each labelled conversation called for: every skill in some of them."""
    path = labelled_file.parent / "openings.json"
    rows = [json.loads(line) for line in labelled_file.read_text("utf-8").splitlines()]
    upset = ["upset" in row["turns"][0]["text"] for row in rows]
    found = [{"listening": "met", "instruction": "missed"} if one else {} for one in upset]
    found = [one | {"repeats": number % 3 == 0} for number, one in enumerate(found)]
    path.write_text(json.dumps({row["id"]: [one] for row, one in zip(rows, found, strict=True)}), "utf-8")
    return path


def _labelled_row(number: int, chance: random.Random) -> dict[str, object]:
    upset = chance.random() < 0.5
    said = "I am upset ! my router is broken . how long will it take ?" if upset else "my router is broken today ."
    answer, spans = "", []
    for text, tags in (("Sorry .", ["apologise"]), ("Please restart it .", ["instruct"]), ("Thank you .", [])):
        if tags and chance.random() < 0.3:
            continue
        start = len(answer) + bool(answer)
        answer = f"{answer} {text}".strip()
        spans.append({"start": start, "end": start + len(text), "tags": tags})
    return {
        "id": f"c{number}",
        "source": "made" if number % 2 else "up",
        "channel": "chat",
        "turns": [
            {"role": "customer", "text": said, "feeling": "anger" if upset else None},
            {"role": "agent", "text": answer, "sentences": spans},
        ],
        "type": TYPE_LABELS[number % len(TYPE_LABELS)],
        "assertiveness": 1 + number % 5,
        "responsiveness": 1 + number % 4,
        "type_clues": [0],
        "resolved": RESOLUTIONS[number % len(RESOLUTIONS)],
        "care": 1 + number % 5,
        "service": 1 + number % 3,
    }
