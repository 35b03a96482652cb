"""The notes "Neural Networks and Deep Learning" from top to bottom, in plain NumPy.

Read it from the first line to the last, then run it: ``python examples/the_notes.py``. Nothing here is imported from
gradatim; the tests show that gradatim's own engine gives the same numbers to 1e-12.

Notation: examples are columns. X is (n[0], m), Y is (1, m), W1 is (n[1], n[0]), b1 is (n[1], 1), Z1 and A1 are
(n[1], m). dW1 is short for dJ/dW1: a derivative has the shape of what it belongs to. dZ1 is kept per example, as the
notes do it (dZ2 = A2 - Y); the mean over the m examples is taken in dW and db.
"""

import numpy as np

# 1. Logistic regression: one neuron -----------------------------------------------------------------------------------


def sigmoid(z):
    """Squeeze any score into (0, 1). The parentheses count: 1 / 1 + exp(-z) would be 1 + exp(-z)."""
    return 1 / (1 + np.exp(-z))


def logistic_by_loop(w, b, X, Y):
    """J, dw, db by two loops, over examples and over features, as one would do it with pencil and paper."""
    n, m = X.shape
    J, dw, db = 0.0, np.zeros((n, 1)), 0.0
    for i in range(m):
        z = b
        for j in range(n):
            z += w[j, 0] * X[j, i]
        a, y = sigmoid(z), Y[0, i]
        # Why the log loss and not (a - y)²/2: a confident mistake (y = 1, a → 0) costs without limit, and J is one
        # valley in w and b. With the square, J can have several, and is flat just where the mistake is largest.
        J += -(y * np.log(a) + (1 - y) * np.log(1 - a))
        dz = a - y  # da · da/dz = (-y/a + (1-y)/(1-a)) · a(1-a): all of it cancels but this
        for j in range(n):
            dw[j, 0] += X[j, i] * dz
        db += dz
    return J / m, dw / m, db / m


def log_loss(A, Y):
    """Cost J: the loss L of each example, and its mean over the m columns."""
    return float(np.sum(-(Y * np.log(A) + (1 - Y) * np.log(1 - A))) / Y.shape[1])


def logistic(w, b, X, Y):
    """The same J, dw, db without a loop. w.T X is (1, m); the number b is broadcast to each of its columns."""
    A = sigmoid(np.dot(w.T, X) + b)
    dZ = A - Y  # (1, m)
    return log_loss(A, Y), np.dot(X, dZ.T) / X.shape[1], float(np.mean(dZ))


def logistic_descent(X, Y, learning_rate, iterations):
    """Gradient descent: against the slope, again and again. Zeros will do: one neuron has no symmetry to break."""
    w, b, costs = np.zeros((X.shape[0], 1)), 0.0, []
    for _ in range(iterations):
        J, dw, db = logistic(w, b, X, Y)
        w, b = w - learning_rate * dw, b - learning_rate * db
        costs.append(J)
    return w, b, costs


# 2. The computation graph of J = 3(a + bc), by hand -------------------------------------------------------------------


def graph_by_hand(a, b, c):
    """Left to right for the value of J, right to left for its derivatives: the chain rule, one node at a time."""
    u = b * c
    v = a + u
    J = 3 * v
    dv = 3.0  # J = 3v
    da, du = dv * 1, dv * 1  # v = a + u
    db, dc = du * c, du * b  # u = bc
    return J, {"a": da, "b": db, "c": dc, "u": du, "v": dv}


# 3. Images as columns -------------------------------------------------------------------------------------------------


def image_columns(images):
    """(m, height, width, 3) bytes → (height·width·3, m) numbers in [0, 1], one image a column."""
    # First (m, -1), then .T: reshape(-1, m) has the right shape too, and mixes the images up.
    return images.reshape(images.shape[0], -1).T / 255


# 4. A shallow network: two layers -------------------------------------------------------------------------------------

# Each activation g beside its slope g'(z), written with a = g(z) where that is shorter.
ACTIVATIONS = {
    "sigmoid": (sigmoid, lambda z, a: a * (1 - a)),
    "tanh": (np.tanh, lambda z, a: 1 - a**2),
    "relu": (lambda z: np.maximum(0, z), lambda z, a: np.where(z >= 0, 1.0, 0.0)),
    "leaky_relu": (lambda z: np.maximum(0.01 * z, z), lambda z, a: np.where(z >= 0, 1.0, 0.01)),
}


def initialize(n, rng, scale=0.01):
    """Small random weights, zero biases, for the widths n = [n[0], ..., n[L]]."""
    # Small: tanh and sigmoid are flat far out. Random: equal units get equal gradients and stay equal for ever, as
    # scale=0 shows. scale="fan_in" divides by √n[l-1] instead, because 0.01 is too small for many layers.
    parameters = {}
    for l in range(1, len(n)):
        factor = 1 / np.sqrt(n[l - 1]) if scale == "fan_in" else scale
        parameters[f"W{l}"] = rng.randn(n[l], n[l - 1]) * factor  # two numbers: randn((2, 2)) is an error
        parameters[f"b{l}"] = np.zeros((n[l], 1))
    return parameters


def shallow_forward_by_loop(X, parameters, activation="tanh"):
    """A2 example by example: each column of X goes through the network alone."""
    g, _ = ACTIVATIONS[activation]
    W1, b1, W2, b2 = parameters.values()
    A2 = np.zeros((W2.shape[0], X.shape[1]))
    for i in range(X.shape[1]):
        x = X[:, i : i + 1]  # (n[0], 1). X[:, i] would be rank 1, neither row nor column
        a1 = g(np.dot(W1, x) + b1)
        A2[:, i : i + 1] = sigmoid(np.dot(W2, a1) + b2)
    return A2


def shallow_forward(X, parameters, activation="tanh"):
    """All examples at once: the columns stand side by side, and b is broadcast along them."""
    g, _ = ACTIVATIONS[activation]
    Z1 = np.dot(parameters["W1"], X) + parameters["b1"]
    A1 = g(Z1)  # without g the two layers would be one: W2(W1 X) = (W2 W1)X
    Z2 = np.dot(parameters["W2"], A1) + parameters["b2"]
    A2 = sigmoid(Z2)
    return {"Z1": Z1, "A1": A1, "Z2": Z2, "A2": A2}


def shallow_backward(X, Y, parameters, cache, activation="tanh"):
    """Backpropagation in six equations. np.dot is the product of matrices, * goes number by number."""
    m, (_, slope) = X.shape[1], ACTIVATIONS[activation]
    dZ2 = cache["A2"] - Y
    dW2 = np.dot(dZ2, cache["A1"].T) / m
    db2 = np.sum(dZ2, axis=1, keepdims=True) / m  # without axis=1 all units would share one number
    dZ1 = np.dot(parameters["W2"].T, dZ2) * slope(cache["Z1"], cache["A1"])
    dW1 = np.dot(dZ1, X.T) / m
    db1 = np.sum(dZ1, axis=1, keepdims=True) / m
    return {"dW1": dW1, "db1": db1, "dW2": dW2, "db2": db2}


def update(parameters, gradients, learning_rate):
    """Take one step of gradient descent in every block, for two layers or for twenty."""
    return {name: block - learning_rate * gradients["d" + name] for name, block in parameters.items()}


# 5. A deep network: L layers, made of forward and backward blocks -----------------------------------------------------


def forward_block(A_prev, W, b, activation):
    """Layer l: A[l-1] goes in, A[l] comes out. The cache holds what the way back will need."""
    g, _ = ACTIVATIONS[activation]
    Z = np.dot(W, A_prev) + b
    A = g(Z)
    return A, (A_prev, W, Z, A)


def backward_block(dA, cache, activation):
    """Layer l: dA[l] goes in; dA[l-1] for the layer before, and this layer's dZ[l], dW[l], db[l] come out."""
    A_prev, W, Z, A = cache
    m, (_, slope) = A_prev.shape[1], ACTIVATIONS[activation]
    dZ = dA * slope(Z, A)
    return np.dot(W.T, dZ), dZ, np.dot(dZ, A_prev.T) / m, np.sum(dZ, axis=1, keepdims=True) / m


def forward(X, parameters, activation="relu"):
    """Block after block, with a loop over layers: this one loop cannot be vectorized. The last layer is a sigmoid."""
    A, caches, L = X, [], len(parameters) // 2
    for l in range(1, L + 1):
        A, cache = forward_block(A, parameters[f"W{l}"], parameters[f"b{l}"], "sigmoid" if l == L else activation)
        caches.append(cache)
    return A, caches


def backward(AL, Y, caches, activation="relu"):
    """From the last block to the first. It starts with dA[L] as in the notes, and arrives at dZ[L] = A[L] - Y."""
    dA, gradients, L = -Y / AL + (1 - Y) / (1 - AL), {}, len(caches)
    for l in range(L, 0, -1):
        dA, *d = backward_block(dA, caches[l - 1], "sigmoid" if l == L else activation)
        gradients[f"dZ{l}"], gradients[f"dW{l}"], gradients[f"db{l}"] = d
    return gradients


def check_dimensions(n, m, parameters, caches, gradients):
    """Assert every shape. Cheaper than a day of searching: broadcasting makes a wrong shape run without a word."""
    for l in range(1, len(n)):
        A_prev, _, Z, A = caches[l - 1]
        assert A_prev.shape == (n[l - 1], m)
        assert parameters[f"W{l}"].shape == gradients[f"dW{l}"].shape == (n[l], n[l - 1])
        assert parameters[f"b{l}"].shape == gradients[f"db{l}"].shape == (n[l], 1)
        assert Z.shape == A.shape == gradients[f"dZ{l}"].shape == (n[l], m)


def train(X, Y, n, activation, learning_rate, iterations, rng, scale):
    """W and b are parameters: training finds them. Every argument behind Y is a hyperparameter: you choose it."""
    parameters, costs = initialize(n, rng, scale), []
    for i in range(iterations):
        AL, caches = forward(X, parameters, activation)
        gradients = backward(AL, Y, caches, activation)
        if i == 0:
            check_dimensions(n, X.shape[1], parameters, caches, gradients)
        costs.append(log_loss(AL, Y))
        parameters = update(parameters, gradients, learning_rate)
    return parameters, costs


# 6. The whole of it on a small data set -------------------------------------------------------------------------------


def flower(m=400, petals=4, seed=1):
    """Points of two classes on the petals of a flower, m/2 of each: X (2, m), Y (1, m). No straight line parts them."""
    rng, X = np.random.RandomState(seed), []
    for label in (0, 1):
        angle = np.linspace(label * 3.12, (label + 1) * 3.12, m // 2) + 0.2 * rng.randn(m // 2)
        radius = 4 * np.sin(petals * angle) + 0.2 * rng.randn(m // 2)
        X.append([radius * np.sin(angle), radius * np.cos(angle)])
    return np.hstack(X), np.repeat([[0.0, 1.0]], m // 2, axis=1)


def accuracy(A, Y):
    """Share of examples on the right side of one half."""
    return float(np.mean((A > 0.5) == Y))


def story():
    """Tell the course in a few lines."""
    X, Y = flower()
    J, d = graph_by_hand(a=5, b=3, c=2)
    print(f"The graph J = 3(a + bc) at 5, 3, 2: J = {J}, dJ/da = {d['a']:g}, dJ/db = {d['b']:g}, dJ/dc = {d['c']:g}.")
    w, b, costs = logistic_descent(X, Y, learning_rate=0.1, iterations=500)
    right = accuracy(sigmoid(np.dot(w.T, X) + b), Y)
    print(f"One neuron on {X.shape[1]} points of a flower: cost {costs[0]:.6f} → {costs[-1]:.6f}, {right:.1%} right.")
    for n, activation, rate, scale, what in (
        ([2, 4, 1], "tanh", 1.2, 0, "Four hidden units from zeros"),
        ([2, 4, 1], "tanh", 1.2, 0.01, "Four hidden units from small random weights"),
        ([2, 10, 5, 1], "relu", 0.1, 0.01, "Three layers from weights that are too small"),
        ([2, 10, 5, 1], "relu", 0.1, "fan_in", "Three layers from weights over √n"),
    ):
        parameters, costs = train(X, Y, n, activation, rate, 5001, np.random.RandomState(2), scale)
        right = accuracy(forward(X, parameters, activation)[0], Y)
        shown = " → ".join(f"{costs[i]:.6f}" for i in (0, 1000, 5000))
        print(f"{what} {n}: cost {shown}, {right:.1%} right.")
    print("A straight line guesses; four bent ones find the petals. From zeros, equal units stay equal.")


if __name__ == "__main__":
    story()
