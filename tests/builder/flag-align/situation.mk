# SPDX-License-Identifier: LGPL-2.1-or-later
CFLAGS += -falign-functions=64 -falign-loops=32
