//! What flows where: labels of data, tools pinned at approval, and which call may follow from what.
