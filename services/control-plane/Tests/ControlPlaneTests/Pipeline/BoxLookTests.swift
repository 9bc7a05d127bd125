import ServiceTesting
import Testing

@testable import ControlPlane

@Suite("The box")
struct BoxLookTests {
    @Test("it has cores, memory and disks, each of which is used in part")
    func box() throws {
        let folder = try TemporaryDirectory("box")
        var look = BoxLook(disks: [
            ("Event store", folder.path), ("Control plane", folder.path), ("Gone", "/nonexistent/x"),
        ])
        let box = look.look()
        #expect(box.cores > 0 && box.cpu == nil)
        let (memory, used) = (try #require(box.memoryBytes), try #require(box.memoryUsedBytes))
        #expect(used > 0 && used < memory)
        #expect(box.disks.first?.name == "Event store, control plane")
        #expect(box.disks.allSatisfy { $0.usedBytes <= $0.sizeBytes })
    }
}
