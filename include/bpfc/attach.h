// Gives a socket a filter that the kernel runs on every packet before it is queued (socket(7),
// Documentation/networking/filter.rst). Works on sockets of any family; attaching needs no
// privileges. None of these functions owns the descriptor. All are thread-safe.
#pragma once

#include <cstddef>

#include "bpfc/expected.h"
#include "bpfc/program.h"
#include "bpfc/socket_error.h"
#include "bpfc/verify.h"
#include "bpfc/visibility.h"

namespace BPFC_PUBLIC bpfc {

// Replaces the socket's filter (SO_ATTACH_FILTER). On an error the former one, if any, stays.
// Packets that are queued already have passed what filtered then. The program must have been
// verified by Rules::kKernel.
Expected<void, SocketError> attach_filter(int socket, const VerifiedProgram& program);

// From now on until the socket is closed nobody, root and heirs of the descriptor included, can
// replace, detach or unlock the filter (SO_LOCK_FILTER).
Expected<void, SocketError> lock_filter(int socket);

// From now on every packet passes (SO_DETACH_FILTER).
Expected<void, SocketError> detach_filter(int socket);

// The program as it was attached, bit for bit (SO_GET_FILTER); empty where there is no filter.
Expected<Program, SocketError> attached_filter(int socket);

// The bytes that the kernel charges to the socket for the filter, in which net.core.optmem_max
// limits it: those of the extended program that it converts this one to. While a filter is replaced
// both are charged, and the sum must stay below the limit. Exact for Linux 6.18 where the kernel
// does not blind constants (net.core.bpf_jit_harden); other versions differ by a few bytes a
// program and by a few instructions an ancillary load.
std::size_t filter_charge(const VerifiedProgram& program);

}  // namespace bpfc
