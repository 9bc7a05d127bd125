import Files
import Testing

@testable import EveReader

@Suite("What becomes of a followed file")
struct FollowStateTests {
    private let limits = FollowLimits(quietNanoseconds: 5, ageNanoseconds: 100)

    private func facts(size: UInt64, links: UInt64 = 1) -> FileFacts {
        FileFacts(device: 1, inode: 2, size: size, linkCount: links)
    }

    @Test("Growth is read, and the end is waited at")
    func growth() {
        var state = FollowState(position: 0, limits: limits)
        #expect(state.look(at: facts(size: 10), name: .own, isSettled: true, now: 0) == .read)
        #expect(state.unreadBytes == 10)
        state.advance(by: 10)
        #expect(state.look(at: facts(size: 10), name: .own, isSettled: true, now: 1) == .wait)
        #expect(state.look(at: facts(size: 10), name: .own, isSettled: true, now: 1000) == .wait)
        #expect(state.look(at: facts(size: 11), name: .own, isSettled: true, now: 1001) == .read)
    }

    @Test("A file below the place is begun again, and what was seen of the old and not read is known")
    func truncation() {
        var state = FollowState(position: 0, limits: limits)
        _ = state.look(at: facts(size: 100), name: .own, isSettled: true, now: 0)
        state.advance(by: 60)
        #expect(state.look(at: facts(size: 59), name: .own, isSettled: true, now: 1) == .startAgain)
        #expect(state.unreadBytes == 40)
    }

    @Test("The size of other content is not taken for that of the old")
    func otherContent() {
        var state = FollowState(position: 0, limits: limits)
        _ = state.look(at: facts(size: 100), name: .own, isSettled: true, now: 0)
        state.advance(by: 60)
        #expect(state.look(at: facts(size: 5000), name: .own, isSettled: true, now: 1) == .read)
        state.noticeOtherContent()
        #expect(state.unreadBytes == 40)
    }

    /// When a file that is read to its end may be let go.
    struct End: CustomTestStringConvertible {
        var name: FollowedName
        var links: UInt64
        var quiet: Int64
        var action: FollowAction
        var isSettled = true
        var testDescription: String { "\(name), \(links) links, quiet for \(quiet)" }
    }

    @Test(
        "A file is let go only when nobody will write to it again",
        arguments: [
            End(name: .own, links: 1, quiet: 1000, action: .wait),
            // Deleted, and a new file is there: after a short time without growth.
            End(name: .replaced, links: 0, quiet: 4, action: .wait),
            End(name: .replaced, links: 0, quiet: 5, action: .finish),
            End(name: .replaced, links: 0, quiet: 5, action: .wait, isSettled: false),
            // Renamed, and a new file is there: an idle thread may still write to the old one.
            End(name: .replaced, links: 1, quiet: 99, action: .wait),
            End(name: .replaced, links: 1, quiet: 100, action: .finish),
            // Renamed without a successor: Suricata has not noticed.
            End(name: .gone, links: 1, quiet: 1000, action: .wait),
            End(name: .gone, links: 0, quiet: 99, action: .wait),
            End(name: .gone, links: 0, quiet: 100, action: .finish),
            End(name: .outdated, links: 1, quiet: 4, action: .wait),
            End(name: .outdated, links: 1, quiet: 5, action: .release),
            End(name: .copied, links: 1, quiet: 5, action: .finish),
        ])
    func ends(end: End) {
        var state = FollowState(position: 10, limits: limits)
        #expect(state.look(at: facts(size: 10, links: end.links), name: end.name, isSettled: true, now: 0) == .wait)
        let action = state.look(
            at: facts(size: 10, links: end.links), name: end.name, isSettled: end.isSettled, now: end.quiet)
        #expect(action == end.action)
    }

    @Test("Growth of a renamed file starts its time anew")
    func lateGrowth() {
        var state = FollowState(position: 10, limits: limits)
        _ = state.look(at: facts(size: 10), name: .replaced, isSettled: true, now: 0)
        #expect(state.look(at: facts(size: 20), name: .replaced, isSettled: true, now: 99) == .read)
        state.advance(by: 10)
        #expect(state.look(at: facts(size: 20), name: .replaced, isSettled: true, now: 100) == .wait)
        #expect(state.look(at: facts(size: 20), name: .replaced, isSettled: true, now: 198) == .wait)
        #expect(state.look(at: facts(size: 20), name: .replaced, isSettled: true, now: 199) == .finish)
    }
}
