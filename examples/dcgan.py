"""DCGAN on digits, with all that is useful around a training."""

import keras_gans as kg

data = kg.data.load("digits", image_size=16)
gan = kg.DCGAN(image_shape=data.image_shape, filters=32, upsampling="resize")
gan.compile(1e-3, 1e-3)  # The paper's rates, `compile()`, are for hours of training.
gan.fit(
    data,
    epochs=35,
    verbose=2,
    validation_data=kg.data.load("digits", image_size=16, split="test"),
    validation_freq=5,
    callbacks=[
        kg.callbacks.DivergenceGuard(),
        kg.callbacks.SampleGrid("runs/dcgan", every=5),
        kg.callbacks.HistoryPlot("runs/dcgan/history.png"),
    ],
)
gan.save("runs/dcgan/model.keras")
gan.export("runs/dcgan/saved_model", verbose=False)
