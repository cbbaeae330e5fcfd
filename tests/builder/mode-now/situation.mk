# SPDX-License-Identifier: LGPL-2.1-or-later
SHARED = library.c
CFLAGS += -fPIE -fcf-protection
LDFLAGS += -pie -Wl,-z,now,-z,relro,-z,ibtplt
