/* SPDX-License-Identifier: LGPL-2.1-or-later */
#define LIMIT 100
