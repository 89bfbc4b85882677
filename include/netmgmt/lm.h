/* SPDX-License-Identifier: MIT */
/* lm.h: all headers of the Network Management functions. */
#ifndef NETMGMT_LM_H
#define NETMGMT_LM_H

#include "lmcons.h"
#include "lmerr.h"
#include "lmapibuf.h"
#include "lmaccess.h"
#include "lmuse.h"

#endif
