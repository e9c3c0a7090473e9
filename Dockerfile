# syntax=docker/dockerfile:1
# lrsweep on any machine with Docker; with GPUs where the host has the NVIDIA container toolkit:
#
#     docker build --tag lrsweep .
#     docker run --rm --gpus all --user "$(id -u):$(id -g)" --volume "$PWD:/sweeps" \
#         lrsweep run --space lr=1e-5:1
#
# torch's own wheels carry the CUDA libraries, so the base image needs none.
FROM python:3.12-slim

ENV PIP_DISABLE_PIP_VERSION_CHECK=1 \
    PIP_ROOT_USER_ACTION=ignore \
    PYTHONUNBUFFERED=1

# Gigabytes that seldom change, in a layer of their own: a new lrsweep does not move them.
RUN --mount=type=cache,target=/root/.cache/pip \
    --mount=type=bind,source=.ci/constraints.txt,target=/tmp/constraints.txt \
    pip install --constraint /tmp/constraints.txt torch

RUN --mount=type=cache,target=/root/.cache/pip \
    --mount=type=bind,target=/tmp/lrsweep,readwrite \
    pip install --constraint /tmp/lrsweep/.ci/constraints.txt "/tmp/lrsweep[postgres]" \
    && useradd --create-home --uid 1000 lrsweep \
    && install --directory --owner=lrsweep --group=lrsweep /sweeps

USER 1000:1000
WORKDIR /sweeps
VOLUME /sweeps

ENTRYPOINT ["lrsweep"]
CMD ["--help"]
