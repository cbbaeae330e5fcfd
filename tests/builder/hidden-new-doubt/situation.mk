# SPDX-License-Identifier: LGPL-2.1-or-later
SHARED = library.c helper.c
