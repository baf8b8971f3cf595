// The interfaces of a network namespace of the test's own, as the kernel lists them.
#include "bpfc/interfaces.h"

#include <arpa/inet.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <linux/if_arp.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <cstring>
#include <iostream>
#include <thread>

#include "tests/capture/test_network.h"

namespace bpfc {
namespace {

using ::testing::ElementsAreArray;
using ::testing::HasSubstr;

class InterfacesTest : public TestNetwork {
 protected:
  // 0, or errno.
  static int set(unsigned long request, const std::string& name, const char* address) {
    const int control = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (control < 0) return errno;
    ifreq asked{};
    name.copy(asked.ifr_name, sizeof asked.ifr_name - 1);
    sockaddr_in to{};
    to.sin_family = AF_INET;
    inet_pton(AF_INET, address, &to.sin_addr);
    std::memcpy(&asked.ifr_addr, &to, sizeof to);
    const int result = ioctl(control, request, &asked) == 0 ? 0 : errno;
    close(control);
    return result;
  }
};

TEST_F(InterfacesTest, AreTheNamespacesOwn) {
  ASSERT_EQ(set(SIOCSIFADDR, "cablea", "10.9.8.7"), 0);
  ASSERT_EQ(set(SIOCSIFNETMASK, "cablea", "255.255.240.0"), 0);
  const auto interfaces = list_interfaces();
  ASSERT_TRUE(interfaces) << interfaces.error().message;
  ASSERT_EQ(interfaces->size(), 3U);
  const Interface& loopback = interfaces->front();
  EXPECT_EQ(loopback.name, "lo");
  EXPECT_EQ(loopback.index, 1U);
  EXPECT_TRUE(loopback.is_loopback());
  EXPECT_FALSE(loopback.is_up());
  EXPECT_EQ(loopback.hardware_type, ARPHRD_LOOPBACK);

  const auto near = find_interface("cablea");
  ASSERT_TRUE(near) << near.error().message;
  EXPECT_EQ(near->index, cable.near.index);
  EXPECT_EQ(near->hardware_type, ARPHRD_ETHER);
  EXPECT_TRUE(near->is_up());
  EXPECT_THAT(near->hardware_address, ElementsAreArray(cable.near.address));
  ASSERT_EQ(near->addresses.size(), 1U);
  const InterfaceAddress& address = near->addresses.front();
  EXPECT_EQ(address.family, 4);
  EXPECT_EQ(address.prefix_length, 20);
  EXPECT_EQ(address.bytes, (AddressBytes{10, 9, 8, 7}));
  EXPECT_EQ(address.peer, std::nullopt);
  EXPECT_EQ(ipv4_netmask(*near), 0xfffff000U);
  EXPECT_EQ(find_interface(std::to_string(near->index)), near);
}

TEST_F(InterfacesTest, LoseTheirCarrierWithTheOtherEnd) {
  ASSERT_EQ(judge::set_interface_up("cableb", false), "");
  // The kernel may take a second to say so.
  auto near = find_interface("cablea");
  for (int i = 0; i < 300 && near && near->is_running(); ++i) {
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
    near = find_interface("cablea");
  }
  ASSERT_TRUE(near);
  EXPECT_TRUE(near->is_up());
  EXPECT_FALSE(near->is_running());
  EXPECT_FALSE(find_interface("cableb")->is_up());
  ASSERT_EQ(judge::set_interface_up("cableb", true), "");
}

TEST_F(InterfacesTest, ThatAreNotThereAreAnError) {
  const auto misspelt = find_interface("cabelb");
  ASSERT_FALSE(misspelt);
  EXPECT_EQ(misspelt.error(),
            (SocketError{SocketErrorKind::kNoSuchInterface, ENODEV,
                         "no interface of this network namespace is called 'cabelb': perhaps "
                         "cableb or cablea"}));
  EXPECT_EQ(find_interface("4711").error().message,
            "no interface of this network namespace has the name or the index '4711'");
  EXPECT_THAT(find_interface("new\nline").error().message, HasSubstr("'new\\x0aline'"));
  EXPECT_FALSE(find_interface(""));
  EXPECT_FALSE(find_interface(std::string(100'000, 'x')));
  EXPECT_FALSE(find_interface("99999999999999999999"));
}

// So many that one datagram does not hold them, listed while others come and go.
TEST_F(InterfacesTest, AreAllThereWhileOthersComeAndGo) {
  constexpr int kPairs = 60;
  for (int i = 0; i < kPairs; ++i) {
    const auto made = judge::make_veth_pair("p" + std::to_string(i) + "-");
    ASSERT_TRUE(made) << made.error();
  }
  std::atomic<bool> done = false;
  std::thread flapping([&done] {
    const auto limit = std::chrono::steady_clock::now() + std::chrono::seconds(10);
    for (int i = 0; i < 200 && !done && std::chrono::steady_clock::now() < limit; ++i) {
      EXPECT_EQ(judge::set_interface_up("cablea", i % 2 == 1), "");
      EXPECT_TRUE(judge::make_veth_pair("q" + std::to_string(i) + "-"));
    }
  });
  int listed = 0;
  int gave_up = 0;
  for (int i = 0; i < 50; ++i) {
    const auto interfaces = list_interfaces();
    if (!interfaces) {
      // Changed during each of the ten attempts.
      EXPECT_EQ(interfaces.error().system_error, EAGAIN) << interfaces.error().message;
      ++gave_up;
      continue;
    }
    ++listed;
    EXPECT_GE(interfaces->size(), 3U + 2 * kPairs);
    for (std::size_t k = 1; k < interfaces->size(); ++k) {
      EXPECT_LT((*interfaces)[k - 1].index, (*interfaces)[k].index);
    }
  }
  done = true;
  flapping.join();
  std::cout << "listed " << listed << " times, given up " << gave_up << " times\n";
  EXPECT_GT(listed, 0);
}

}  // namespace
}  // namespace bpfc
