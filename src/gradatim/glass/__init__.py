"""A trained network behind glass: are its gradients right, and what does it do with an example."""
