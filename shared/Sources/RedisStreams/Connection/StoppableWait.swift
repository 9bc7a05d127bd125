import Glibc
import Lifecycle

/// `poll` on one descriptor and the stop signal, with a deadline.
struct StoppableWait {
    /// What a wait may do when the service is asked to stop.
    enum OnStop {
        /// End at once.
        case leave
        /// Go on until then, to finish what is in flight.
        case finish(within: Deadline)
    }

    /// How a wait ended.
    enum Outcome {
        case ready
        case deadlinePassed
        case stopped
    }

    let stop: StopSignal

    /// Waits until the descriptor (or, without one, only time) is ready for `events`.
    func wait(for descriptor: Int32?, events: Int16, until deadline: Deadline, onStop: OnStop) -> Outcome {
        while true {
            var watchesStop = true
            var deadline = deadline
            if stop.isStopped {
                guard case .finish(let last) = onStop else { return .stopped }
                // The signal stays readable; polling it on would spin.
                watchesStop = false
                deadline = min(deadline, last)
            }
            // A negative descriptor is passed over by poll.
            var descriptors = [
                pollfd(fd: descriptor ?? -1, events: events, revents: 0),
                pollfd(fd: watchesStop ? stop.fileDescriptor : -1, events: Int16(POLLIN), revents: 0),
            ]
            let ready = poll(&descriptors, 2, Int32(clamping: deadline.remainingMilliseconds))
            if ready > 0, descriptors[0].revents != 0 { return .ready }
            if deadline.hasPassed { return .deadlinePassed }
        }
    }
}
