/* xxHash64 by its specification (github.com/Cyan4973/xxHash, doc/xxhash_spec.md), for little-endian machines. */

#include <string.h>

#include "engine.h"

static const uint64_t P1 = 0x9E3779B185EBCA87, P2 = 0xC2B2AE3D27D4EB4F, P3 = 0x165667B19E3779F9,
                      P4 = 0x85EBCA77C2B2AE63, P5 = 0x27D4EB2F165667C5;

static uint64_t rotate(uint64_t value, int bits) { return value << bits | value >> (64 - bits); }

static uint64_t read64(const uint8_t *at) {
    uint64_t value;
    memcpy(&value, at, sizeof value);
    return value;
}

static uint32_t read32(const uint8_t *at) {
    uint32_t value;
    memcpy(&value, at, sizeof value);
    return value;
}

static uint64_t round_of(uint64_t lane, uint64_t input) { return rotate(lane + input * P2, 31) * P1; }

static uint64_t converge(const uint64_t lane[4]) {
    uint64_t hash = rotate(lane[0], 1) + rotate(lane[1], 7) + rotate(lane[2], 12) + rotate(lane[3], 18);
    for (int i = 0; i < 4; i++) hash = (hash ^ round_of(0, lane[i])) * P1 + P4;
    return hash;
}

static uint64_t avalanche(uint64_t hash) {
    hash = (hash ^ hash >> 33) * P2;
    hash = (hash ^ hash >> 29) * P3;
    return hash ^ hash >> 32;
}

uint64_t xxhash64(const uint8_t *data, size_t length, uint64_t seed) {
    const uint8_t *end = data + length;
    uint64_t hash = seed + P5;
    if (length >= 32) {
        uint64_t lane[4] = {seed + P1 + P2, seed + P2, seed, seed - P1};
        for (; end - data >= 32; data += 32)
            for (int i = 0; i < 4; i++) lane[i] = round_of(lane[i], read64(data + 8 * i));
        hash = converge(lane);
    }
    hash += length;
    for (; end - data >= 8; data += 8) hash = rotate(hash ^ round_of(0, read64(data)), 27) * P1 + P4;
    if (end - data >= 4) {
        hash = rotate(hash ^ read32(data) * P1, 23) * P2 + P3;
        data += 4;
    }
    for (; data < end; data++) hash = rotate(hash ^ *data * P5, 11) * P1;
    return avalanche(hash);
}
