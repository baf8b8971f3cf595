// What a program can do without, found by trying and proved.
#pragma once

#include <optional>

#include "bpfc/profile.h"
#include "bpfc/program.h"

namespace bpfc::reduction {

// A program with the same verdict on every packet, by the kernel's rules and by libpcap's. What it
// executes, and a little what it is long, is less or the same: on the profile's packets, or else by
// guess. Programs that jump backward, have more than a few hundred instructions, or break the
// kernel's rules are left as they are. Takes up to seconds: some thousand proofs at most, of which
// a slow machine gives up more. Thread-safe.
Program reduced(const Program& program, const Profile* profile = nullptr);

// Whether the first program is no longer, and neither its shortest nor its longest way is. Both are
// programs that the kernel takes.
bool never_worse(const Program& first, const Program& second);

// The cost that counts there; lower is better. None: the kernel would refuse the program.
std::optional<double> cost(const Program& program, const Profile* profile);

}  // namespace bpfc::reduction
