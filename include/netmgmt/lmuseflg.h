/* SPDX-License-Identifier: MIT */
/* lmuseflg.h: how much force is used to end a connection; see lmuse.h, NetUseDel. */
#ifndef NETMGMT_LMUSEFLG_H
#define NETMGMT_LMUSEFLG_H

#define USE_NOFORCE 0
#define USE_FORCE 1
#define USE_LOTS_OF_FORCE 2

#endif
