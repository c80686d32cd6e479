export { Age, type AgeProps } from './Age.tsx';
export { Badge } from './Badge.tsx';
export { Banner, type BannerProps } from './Banner.tsx';
export { Button, type ButtonProps, IconButton, type IconButtonProps } from './Button.tsx';
export { Drawer, type DrawerProps } from './Drawer.tsx';
export {
  EmptyState,
  type EmptyStateProps,
  ErrorState,
  type ErrorStateProps,
  Loading,
  Skeleton,
} from './Feedback.tsx';
export { Field, type FieldProps } from './Field.tsx';
export { FitText, type FitTextProps } from './FitText.tsx';
export { ICON_NAMES, Icon, type IconName } from './Icon.tsx';
export { Kbd } from './Kbd.tsx';
export { Legend, type LegendItem, type LegendProps } from './Legend.tsx';
export { Menu, type MenuItem, type MenuProps } from './Menu.tsx';
export { Panel, type PanelProps } from './Panel.tsx';
export { Popover, type PopoverProps } from './Popover.tsx';
export { Score, type ScoreProps } from './Score.tsx';
export { Segmented, type SegmentedProps } from './Segmented.tsx';
export { Select, type SelectProps } from './Select.tsx';
export { STATE_SHORT, STATE_WORD, StateMark, StateShape } from './StateMark.tsx';
export { type Column, type Sort, Table, type TableProps } from './Table.tsx';
export { Tabs, type TabsProps } from './Tabs.tsx';
export { TimeRangePicker, type TimeRangePickerProps } from './TimeRangePicker.tsx';
export { Tooltip } from './Tooltip.tsx';
export { DEFAULT_RANGE, formatRange, parseRange, type TimeRangeChoice } from './time-range.ts';
