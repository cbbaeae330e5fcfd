/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef PRICE_H
#define PRICE_H

void set_discount(void);
int discount(void);
int price(int count);

#endif
