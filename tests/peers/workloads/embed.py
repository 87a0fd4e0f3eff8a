"""all-MiniLM-L6-v2 in sentence-transformers: BERT, mean pooling, unit length; tokens are ready on both sides.

The model's folder is looked for in BENCHHOST_DATA, as benchhost does. Its modules are put together here, because the
pinned package holds the encoder alone; attention is PyTorch's fused one (`sdpa`), which transformers takes by itself.
"""

import os
import pathlib
import sys

from peer import Row, main, rate

WORDS = 30_000


def folder():
    for place in os.environ.get("BENCHHOST_DATA", "").split(os.pathsep):
        if (pathlib.Path(place) / "minilm-l6-v2" / "model.safetensors").is_file():
            return str(pathlib.Path(place) / "minilm-l6-v2")
    sys.exit("minilm-l6-v2/model.safetensors is in no folder of BENCHHOST_DATA")


def model():
    from sentence_transformers import SentenceTransformer
    from sentence_transformers.sentence_transformer import modules

    encoder = modules.Transformer(folder())
    pooling = modules.Pooling(encoder.get_embedding_dimension(), "mean")
    return SentenceTransformer(modules=[encoder, pooling, modules.Normalize()], device="cpu").eval()


def sentences(batch, length, threads):
    def measure(seconds):
        import torch

        torch.set_num_threads(threads)
        net = model()
        tokens = torch.randint(1000, WORDS, (batch, length), generator=torch.Generator().manual_seed(42))
        mask = torch.ones_like(tokens)

        def step():
            # A fresh dictionary: the modules add their results to it.
            return net({"input_ids": tokens, "attention_mask": mask})["sentence_embedding"]

        with torch.inference_mode():
            return rate(step, batch, seconds)

    return measure


ROWS = {
    f"embed-b{batch}-l{length}-t{threads}": Row(sentences(batch, length, threads), 1.0, against="sentence-transformers")
    for batch, length, threads in [(1, 16, 1), (8, 32, 1), (8, 128, 1), (8, 32, 2), (8, 128, 2)]
}

if __name__ == "__main__":
    main(ROWS)
