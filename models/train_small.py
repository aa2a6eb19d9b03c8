"""Make the small model that ships in models/small: `make train-small`.

A vocoder and a network trained on a corpus of synthetic speech, and the model directory. Everything lies in build/small
and is taken up again where it was left: a run that was interrupted goes on, one with more minutes goes further.
"""

from __future__ import annotations

import argparse
import os
import shutil
import sys
from pathlib import Path

import torch

from models.corpus import read_corpus
from models.export import plot_losses, read_weights, write_model
from models.network_training import NetworkTraining
from models.settings import read_settings
from models.vocoder_training import VocoderTraining

BUILD = Path(__file__).parents[1] / "build" / "small"
CORPUS = BUILD / "corpus"
MODEL_DIR = Path(__file__).parent / "small"


def start_from(model_dir: Path, network: NetworkTraining, vocoder: VocoderTraining) -> None:
    """Give trainings that have not begun a model's weights. Their steps and optimizers begin anew."""
    if network.step == vocoder.step == 0:
        network_weights, vocoder_weights = read_weights(model_dir)
        network.begin_with(network_weights)
        vocoder.begin_with(vocoder_weights)


def main() -> None:
    """Train for as long as asked and write the model directory."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--minutes", type=float, required=True, help="of training the network, over all runs")
    parser.add_argument("--vocoder-minutes", type=float, required=True, help="of training the vocoder, over all runs")
    parser.add_argument("--corpus", type=Path, default=CORPUS, help="a folder as `make corpus` makes it")
    parser.add_argument("--start-from", type=Path, help="a model directory to begin with instead of random weights")
    arguments = parser.parse_args()
    if shutil.which("g++") is None:
        sys.exit("A C++ compiler is missing: install it, on Debian and Ubuntu with `apt install g++`.")
    torch.set_num_threads(len(os.sched_getaffinity(0)))
    torch.set_flush_denormal(True)  # trained networks make numbers so small that a processor takes long over them
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    settings = read_settings()
    BUILD.mkdir(parents=True, exist_ok=True)
    try:
        recordings = read_corpus(arguments.corpus, settings.training.seed)
        vocoder = VocoderTraining(settings, recordings, device, BUILD, spectra_first=arguments.start_from is None)
        network = NetworkTraining(settings, recordings, device, BUILD)
        if arguments.start_from:
            start_from(arguments.start_from, network, vocoder)
        vocoder.train(arguments.vocoder_minutes)
        network.compile()
        network.train(arguments.minutes)
    except FileNotFoundError as error:
        sys.exit(f"{error.filename} is missing: make a corpus with `make corpus`, or name one with CORPUS=folder.")
    except KeyboardInterrupt:
        sys.exit("\nInterrupted. The same command goes on from the last checkpoint, at most two minutes back.")
    learnt = (each.average.module.state_dict() for each in (network, vocoder))
    write_model(MODEL_DIR, settings, network.durations, *learnt)
    plot_losses(BUILD, MODEL_DIR / "training.png")
    print(f"The model is in {MODEL_DIR}. `make eval-small` judges it.")


if __name__ == "__main__":
    main()
