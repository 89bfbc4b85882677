/* SPDX-License-Identifier: MIT */
/*
 * See tower.h. A tower is a count and that many floors, from the interface down to the address; a floor is
 * two byte strings: the protocol with what identifies it, and data of the protocol. Numbers of the towers are
 * little-endian, but for the port.
 */
#include "rpc/tower.h"

#include "base/reader.h"
#include "base/writer.h"
#include "ndr/ndr.h"

enum { PROTOCOL_TCP = 0x07, PROTOCOL_IP = 0x09, PROTOCOL_RPC = 0x0b, PROTOCOL_UUID = 0x0d };
enum { FLOOR_INTERFACE, FLOOR_SYNTAX, FLOOR_RPC, FLOOR_TCP, FLOOR_IP, FLOORS };

/* NDR20: what the mapper's own data and everything that is registered is in */
static const struct ndr_uuid *transfer(void)
{
    return &ndr_syntax_uuid[NDR_SYNTAX_NDR20];
}

static void put_uuid_floor(struct writer *w, const struct ndr_uuid *uuid, uint16_t major, uint16_t minor)
{
    writer_u16(w, 1 + 16 + 2);
    writer_u8(w, PROTOCOL_UUID);
    ndr_uuid_write(w, uuid);
    writer_u16(w, major);
    writer_u16(w, 2);
    writer_u16(w, minor);
}

void tower_put(struct writer *w, const struct ndr_interface *interface, uint16_t port)
{
    writer_u16(w, FLOORS);
    put_uuid_floor(w, &interface->uuid, interface->major, interface->minor);
    put_uuid_floor(w, transfer(), 2, 0);
    writer_u16(w, 1);
    writer_u8(w, PROTOCOL_RPC);
    writer_u16(w, 2);
    writer_u16(w, 0); /* minor version */
    writer_u16(w, 1);
    writer_u8(w, PROTOCOL_TCP);
    writer_u16(w, 2);
    writer_u8(w, (uint8_t)(port >> 8));
    writer_u8(w, (uint8_t)port);
    writer_u16(w, 1);
    writer_u8(w, PROTOCOL_IP);
    writer_u16(w, 4);
    writer_u32(w, 0); /* any address */
}

/* The next floor of this protocol, its two strings without the protocol's number; `data` may not be shorter
 * than `len`. */
static bool get_floor(struct reader *r, uint8_t protocol, struct reader *left, struct reader *data,
                      size_t len)
{
    *left = reader_sub(r, reader_u16(r));
    *data = reader_sub(r, reader_u16(r));
    return !r->failed && reader_u8(left) == protocol && !left->failed && reader_left(data) >= len;
}

static bool get_uuid_floor(struct reader *r, const struct ndr_uuid *wanted, uint16_t major)
{
    struct reader left, data;
    struct ndr_uuid uuid;

    if (!get_floor(r, PROTOCOL_UUID, &left, &data, 2))
        return false;
    ndr_uuid_read(&left, &uuid);
    return reader_u16(&left) == major && !left.failed && ndr_uuid_equal(&uuid, wanted);
}

bool tower_get(const uint8_t *tower, size_t len, const struct ndr_interface *interface, uint16_t *port)
{
    struct reader r, left, data;

    *port = 0;
    reader_init(&r, tower, len);
    if (reader_u16(&r) < FLOOR_TCP + 1 || !get_uuid_floor(&r, &interface->uuid, interface->major) ||
        !get_uuid_floor(&r, transfer(), 2) || !get_floor(&r, PROTOCOL_RPC, &left, &data, 0) ||
        !get_floor(&r, PROTOCOL_TCP, &left, &data, 2))
        return false;
    *port = (uint16_t)(reader_u8(&data) << 8);
    *port |= reader_u8(&data);
    return true;
}
