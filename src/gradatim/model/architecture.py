"""The network that settings describe, once table and target are known."""

from __future__ import annotations

from gradatim.network import Architecture, CategoryEmbedding, Dense, Dropout, Front, Layer, Scale
from gradatim.settings import Settings
from gradatim.tables import TableEncoder
from gradatim.tables.targets import Target


def architecture_for(settings: Settings, encoder: TableEncoder, target: Target) -> Architecture:
    """The network that these settings describe, for a table encoded so.

    Args:
        settings: resolved.
        encoder: fitted; gives the number of inputs and the levels of embedded categories.
        target: fitted; gives the units of the last layer.
    """
    front: list[Front] = [CategoryEmbedding(encoder.levels)] if encoder.levels else []
    front += [Scale()] if settings.network.scale else []
    layers: list[Layer] = []
    for units in settings.hidden_widths:
        layers.append(Dense(units, str(settings.activation), settings.network.learned_slope))
        layers += [Dropout(settings.dropout)] if settings.dropout else []
    output = Dense(target.outputs, settings.network.output_activation)
    return Architecture(encoder.n_outputs, tuple(front), tuple(layers), output, settings.members)
