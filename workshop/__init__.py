"""The workshop: where the learner works. Engine, images, hub, notebooks and the command line."""
