"""The GPUs and cores of this machine, and who may use them.

nvml ← slots           which GPUs there are, and the slots that they make
leases                 which GPUs belong to which sweep
local_slots            the slots of one sweep, with its GPUs leased
fake_nvml              a machine with any GPUs, for tests
"""
