# SPDX-License-Identifier: LGPL-2.1-or-later
CFLAGS += -flto -ffat-lto-objects
LDFLAGS += -flto
