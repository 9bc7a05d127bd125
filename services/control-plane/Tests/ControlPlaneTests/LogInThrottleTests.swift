import HTTPServer
import Testing

@testable import ControlPlane

@Suite("Log-in throttle")
struct LogInThrottleTests {
    private var throttle = LogInThrottle()

    private func at(_ address: String) -> ClientAddress { ClientAddress(.network(address: address, port: 1)) }

    @Test("five failed tries cost nothing, and from then on each waits twice as long, up to five minutes")
    mutating func waits() {
        var now: Int64 = 1_000
        for _ in 0..<LogInThrottle.freeTries {
            #expect(throttle.begin(account: "ana", client: at("10.0.0.1"), now: now) == nil)
        }
        var waits: [Int64] = []
        for _ in 0..<10 {
            let wait = throttle.begin(account: "ana", client: at("10.0.0.1"), now: now) ?? 0
            waits.append(wait)
            now += wait
            #expect(throttle.begin(account: "ana", client: at("10.0.0.1"), now: now) == nil)
        }
        #expect(waits == [2, 4, 8, 16, 32, 64, 128, 256, 300, 300])
    }

    @Test("a success forgets what failed before")
    mutating func success() {
        for _ in 0..<LogInThrottle.freeTries {
            #expect(throttle.begin(account: "ana", client: at("10.0.0.1"), now: 1) == nil)
        }
        throttle.succeeded(account: "ana", client: at("10.0.0.1"))
        #expect(throttle.begin(account: "ana", client: at("10.0.0.1"), now: 1) == nil)
    }

    @Test("one account is counted over all clients, and one client over all accounts")
    mutating func counted() {
        for number in 0..<LogInThrottle.freeTries {
            #expect(throttle.begin(account: "ana", client: at("10.0.0.\(number)"), now: 1) == nil)
        }
        #expect(throttle.begin(account: "ana", client: at("10.0.1.1"), now: 1) == 2)
        for number in 0..<LogInThrottle.freeTries {
            #expect(throttle.begin(account: "user\(number)", client: at("10.0.2.2"), now: 2) == nil)
        }
        #expect(throttle.begin(account: "ben", client: at("10.0.2.2"), now: 2) == 2)
        #expect(throttle.begin(account: "ben", client: at("10.0.2.3"), now: 2) == nil)
    }

    @Test("who has entered an account before is not kept out of it by the failures of others")
    mutating func known() {
        #expect(throttle.begin(account: "ana", client: at("10.0.0.1"), now: 1) == nil)
        throttle.succeeded(account: "ana", client: at("10.0.0.1"))
        for number in 2...6 {
            #expect(throttle.begin(account: "ana", client: at("10.0.0.\(number)"), now: 2) == nil)
        }
        #expect(throttle.begin(account: "ana", client: at("10.0.0.7"), now: 3) == 1)
        for _ in 0..<LogInThrottle.freeTries {
            #expect(throttle.begin(account: "ana", client: at("10.0.0.1"), now: 3) == nil)
        }
        #expect(throttle.begin(account: "ana", client: at("10.0.0.1"), now: 3) == 2)
    }

    @Test("a thousand tries within a second are ten")
    mutating func together() {
        let admitted = (0..<1_000).filter { number in
            throttle.begin(account: "user\(number)", client: at("10.0.\(number / 250).\(number % 250)"), now: 7) == nil
        }
        #expect(admitted.count == LogInThrottle.triesPerSecond)
    }

    @Test("after an hour without a try nothing is held against anybody")
    mutating func memory() {
        for _ in 0..<LogInThrottle.freeTries {
            #expect(throttle.begin(account: "ana", client: at("10.0.0.1"), now: 1) == nil)
        }
        #expect(throttle.begin(account: "ana", client: at("10.0.0.1"), now: 3_602) == nil)
        #expect(throttle.begin(account: "ana", client: at("10.0.0.1"), now: 3_602) == nil)
    }

    @Test("a success with an own account does not make up for failures with another")
    mutating func ownAccount() {
        throttle.know(account: "ana", client: at("10.0.0.1"))
        var slowed = 0
        for now: Int64 in 1...10 {
            if throttle.begin(account: "ana", client: at("10.0.0.1"), now: now) != nil { slowed += 1 }
            if throttle.begin(account: "root", client: at("10.0.0.1"), now: now) != nil { slowed += 1 }
            if throttle.begin(account: "ben", client: at("10.0.0.1"), now: now) == nil {
                throttle.succeeded(account: "ben", client: at("10.0.0.1"))
            }
        }
        #expect(slowed == 8)
    }

    @Test("in a private network of IPv6 others of the network do not hold up who has entered the account")
    mutating func neighbours() {
        throttle.know(account: "ana", client: at("fd00::1"))
        for _ in 0..<LogInThrottle.freeTries {
            #expect(throttle.begin(account: "ana", client: at("fd00::2"), now: 1) == nil)
        }
        #expect(throttle.begin(account: "ana", client: at("fd00::3"), now: 1) == 2)
        #expect(throttle.begin(account: "ana", client: at("fd00::1"), now: 1) == nil)
    }
}
