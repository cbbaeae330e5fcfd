# SPDX-License-Identifier: LGPL-2.1-or-later
CFLAGS += -fpatchable-function-entry=5,2
