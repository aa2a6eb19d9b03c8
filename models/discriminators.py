"""What tells recorded speech from a vocoder's, as narrow as a processor can afford."""

from __future__ import annotations

from torch import Tensor, nn
from torch.nn import functional
from torch.nn.utils.parametrizations import weight_norm

KERNEL, STRIDE = 5, 3
SLOPE = 0.1  # of the leaky ReLUs


class PeriodDiscriminator(nn.Module):
    """Looks at every `period`-th sample, and so at a voice's pulses, which spectra hardly show.

    HiFi-GAN's (Kong et al. 2020, arxiv.org/abs/2010.05646), whose layers are 32 to 1024 wide, as vocos's are.

    Args:
        period: in samples.
        widths: channels of each layer.
    """

    def __init__(self, period: int, widths: tuple[int, ...]) -> None:
        super().__init__()
        self._period = period
        strides = [STRIDE] * (len(widths) - 1) + [1]
        self.layers = nn.ModuleList(
            weight_norm(nn.Conv2d(inner, outer, (KERNEL, 1), (stride, 1), padding=(KERNEL // 2, 0)))
            for inner, outer, stride in zip((1, *widths), widths, strides, strict=False)
        )
        self.verdict = weight_norm(nn.Conv2d(widths[-1], 1, (3, 1), padding=(1, 0)))

    def forward(self, wave: Tensor) -> tuple[Tensor, list[Tensor]]:
        """Judge waveforms.

        Args:
            wave: [batch, samples].

        Returns:
            The verdict at each place, and the feature maps.
        """
        missing = -wave.shape[-1] % self._period
        padded = functional.pad(wave[:, None], (0, missing), "reflect")
        x = padded.reshape(len(wave), 1, -1, self._period)
        maps = []
        for layer in self.layers:
            x = functional.leaky_relu(layer(x), SLOPE)
            maps.append(x)
        verdict = self.verdict(x)
        return verdict.flatten(1), [*maps, verdict]
