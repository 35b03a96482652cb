"""The network that settings describe, once table and target are known."""

from __future__ import annotations

from gradatim.network import Architecture, CategoryEmbedding, Dense, Dropout, Front, Layer, NumericEmbedding, Scale
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
    network = settings.network
    numbers = 0 if encoder.is_sparse else len(encoder.numbers.features)
    front: list[Front] = [NumericEmbedding(numbers)] if network.embed_numbers and numbers else []
    front += [CategoryEmbedding(encoder.levels)] if encoder.levels else []
    front += [Scale()] if network.scale and not encoder.is_sparse else []
    layers: list[Layer] = []
    for units in settings.hidden_widths:
        layers.append(Dense(units, str(settings.activation), network.learned_slope))
        layers += [Dropout(settings.dropout)] if settings.dropout else []
    output = Dense(target.outputs, network.output_activation)
    return Architecture(encoder.n_outputs, tuple(front), tuple(layers), output, settings.members)
