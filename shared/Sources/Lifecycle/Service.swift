/// A long-running part of a process: one blocking loop.
public protocol Service {
    /// Works until asked to stop, or until everything is done, and hands over what is in flight before it returns.
    ///
    /// - Parameter stop: polled together with the loop's own descriptors.
    /// - Throws: what the loop cannot recover from; the process then ends with a failure.
    func run(until stop: StopSignal) throws
}
