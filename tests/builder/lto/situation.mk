# SPDX-License-Identifier: LGPL-2.1-or-later
CFLAGS += -flto
LDFLAGS += -flto $(if $(findstring clang,$(CC)),-fuse-ld=lld)
