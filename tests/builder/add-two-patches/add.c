// SPDX-License-Identifier: LGPL-2.1-or-later
#include <suture/livepatch.h>

KLP_PATCH(.name = "one");
