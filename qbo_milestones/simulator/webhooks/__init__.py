"""What an app is told of by post: what happened, who hears of it, when, in which words, and what an answer means."""
